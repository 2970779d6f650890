"""The polls of a session, for its host to keep: how each stands, and of named ones who said what.

An anonymous ballot leaves with nobody's name or id, and with no place in the log; parts of an
audience leave as the team sees them, without figures of a few people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from live.adapters.sql import polls as rows
from live.adapters.sql.tables import contents, participants, poll_ballots, polls
from live.domain.ids import SessionId
from live.domain.poll import Poll, WordStatus
from live.gateway.polling import split
from live.wire.polls import PollPart

_IDS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ExportedVariant:
    """What the people of one segment (null: of all) read in one language."""

    segment: str | None
    language: str
    question: str | None
    options: list[str]


@dataclass(frozen=True, slots=True)
class ExportedBallot:
    """What someone answered in a named poll; the name is absent once erased."""

    participant_id: str
    display_name: str | None
    segment: str
    language: str
    choices: list[str]


@dataclass(frozen=True, slots=True)
class ExportedPoll:
    """One poll. ``counts`` are people by option; ``words`` those that everyone could see, with how
    many said each; in ``segments`` and ``languages`` null is a figure that is kept back.
    ``ballots`` is null where the poll is anonymous."""

    id: str
    kind: str
    status: str
    at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    named: bool
    variants: list[ExportedVariant]
    options: list[str]
    right: list[str]
    answered: int
    counts: dict[str, int]
    words: dict[str, int]
    segments: list[PollPart]
    languages: list[PollPart]
    ballots: list[ExportedBallot] | None


@dataclass(frozen=True, slots=True)
class PollLine:
    """One line of the CSV: an option (or a word) of a poll, and how many chose it: of all
    (``part`` empty), of a segment or of a language."""

    poll_id: str
    kind: str
    status: str
    opened_at: datetime | None
    question: str | None
    option: str
    text: str
    right: bool
    part: str
    name: str
    count: int | None
    answered: int | None


@dataclass(frozen=True, slots=True)
class BallotLine:
    """One line of the CSV of ballots: one choice of one person in a named poll."""

    poll_id: str
    question: str | None
    participant_id: str
    display_name: str | None
    segment: str
    language: str
    choice: str


def exported_polls(connection: Connection, session_id: SessionId) -> list[ExportedPoll]:
    """All that were ever opened, oldest first."""
    found = connection.execute(select(polls).where(polls.c.session_id == session_id))
    known = sorted(map(rows.poll, found), key=lambda each: (each.at, each.id))
    asked = [each for each in known if each.opened_at is not None]
    ballots = connection.execute(
        select(poll_ballots, participants.c.display_name)
        .outerjoin(participants, participants.c.id == poll_ballots.c.participant_id)
        .where(poll_ballots.c.session_id == session_id)
        .order_by(poll_ballots.c.participant_id)
    ).all()
    texts = _texts(connection, session_id, asked, ballots)
    return [_exported(each, ballots, texts) for each in asked]


def poll_lines(exported: Sequence[ExportedPoll]) -> Iterator[PollLine]:
    """As a spreadsheet has them."""
    for poll in exported:
        chosen = (*poll.counts.items(), *poll.words.items())
        yield from (_line(poll, *each, poll.answered) for each in chosen)
        for part, cells in (("segment", poll.segments), ("language", poll.languages)):
            for cell in cells:
                for option, count in cell.counts.items():
                    yield _line(poll, option, count, cell.answered, (part, cell.name))


def _line(
    poll: ExportedPoll,
    option: str,
    count: int | None,
    answered: int | None,
    part: tuple[str, str] = ("", ""),
) -> PollLine:
    texts = dict(zip(poll.options, _option_texts(poll), strict=True))
    return PollLine(
        poll_id=poll.id,
        kind=poll.kind,
        status=poll.status,
        opened_at=poll.opened_at,
        question=poll.variants[0].question if poll.variants else None,
        option=option,
        text=texts.get(option, option),
        right=option in poll.right,
        part=part[0],
        name=part[1],
        count=count,
        answered=answered,
    )


def ballot_lines(exported: Sequence[ExportedPoll]) -> Iterator[BallotLine]:
    """Every choice of every ballot that is named."""
    for poll in exported:
        question = poll.variants[0].question if poll.variants else None
        for ballot in poll.ballots or ():
            for choice in ballot.choices:
                yield BallotLine(
                    poll.id,
                    question,
                    ballot.participant_id,
                    ballot.display_name,
                    ballot.segment,
                    ballot.language,
                    choice,
                )


def without_ties(kind: str, data: bytes, anonymous: frozenset[str]) -> bytes:
    """An event of the log as it leaves: what says who answered an anonymous poll, or how a few
    people did, stays behind."""
    if kind not in ("poll.answered", "poll.tallied"):
        return data
    told: dict[str, Any] = msgspec.json.decode(data)
    if kind == "poll.answered" and told["poll_id"] not in anonymous:
        return data
    return msgspec.json.encode({"poll_id": told["poll_id"]})


def _option_texts(poll: ExportedPoll) -> list[str]:
    first = poll.variants[0].options if poll.variants else []
    return first if len(first) == len(poll.options) else poll.options


def _exported(poll: Poll, cast: Sequence[Row[Any]], texts: dict[str, str]) -> ExportedPoll:
    tally = poll.tally
    sums = [sum(each) for each in zip(*(each.counts for each in tally.cohorts), strict=True)]
    parts = split(poll, tally)
    return ExportedPoll(
        id=poll.id,
        kind=poll.plan.kind.value,
        status=poll.status.value,
        at=poll.at,
        opened_at=poll.opened_at,
        closed_at=poll.closed_at,
        named=poll.plan.named,
        variants=[
            ExportedVariant(each.segment, each.language, *_asked(texts.get(each.content_id)))
            for each in poll.plan.variants
        ],
        options=list(poll.plan.options),
        right=list(poll.plan.right),
        answered=tally.answered,
        counts=dict(zip(poll.plan.options, sums or [0] * len(poll.plan.options), strict=True)),
        words=_words(poll, texts),
        segments=parts.segments,
        languages=parts.languages,
        ballots=_ballots(poll, cast, texts) if poll.plan.named else None,
    )


def _asked(text: str | None) -> tuple[str | None, list[str]]:
    said = {} if text is None else msgspec.json.decode(text)
    return said.get("question"), said.get("options", [])


def _words(poll: Poll, texts: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in poll.tally.words:
        said = msgspec.json.decode(texts.get(each.content_id, "[]"))
        if each.status is WordStatus.SHOWN and each.place < len(said):
            found[said[each.place]] = each.count
    return found


def _ballots(poll: Poll, cast: Sequence[Row[Any]], texts: dict[str, str]) -> list[ExportedBallot]:
    return [
        ExportedBallot(
            participant_id=row.participant_id,
            display_name=row.display_name,
            segment=row.segment,
            language=row.language,
            choices=msgspec.json.decode(
                texts.get(row.content_id, "[]") if row.content_id else row.choices
            ),
        )
        for row in cast
        if row.poll_id == poll.id
    ]


def _texts(
    connection: Connection, session_id: SessionId, asked: Sequence[Poll], cast: Sequence[Row[Any]]
) -> dict[str, str]:
    """What these polls say, and what was answered in words, as far as it is not erased."""
    wanted = [each.content_id for poll in asked for each in poll.plan.variants]
    wanted += [each.content_id for poll in asked for each in poll.tally.words]
    wanted += [row.content_id for row in cast if row.content_id is not None]
    texts: dict[str, str] = {}
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = contents.c.id.in_(wanted[start : start + _IDS_AT_ONCE])
        query = select(contents.c.id, contents.c.text).where(
            contents.c.session_id == session_id, some
        )
        texts |= {row.id: row.text for row in connection.execute(query) if row.text is not None}
    return texts
