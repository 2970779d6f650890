"""Polls on their way in and out: what is asked of the room, and what each reader may see of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import UNSET, UnsetType

from live.domain import poll_commands as domain
from live.domain.ballot_box import Cohort
from live.domain.balloting import words_in, words_of
from live.domain.fact import Event
from live.domain.ids import ParticipantId, PollId
from live.domain.poll import Addressee, Poll, PollKind, PollStatus, Results, Tally, WordStatus
from live.domain.poll_events import (
    PollAnswered,
    PollChanged,
    PollClosed,
    PollOpened,
    PollPrepared,
    PollTallied,
)
from live.domain.poll_planning import asked
from live.domain.small_cells import shown_line
from live.domain.state import RoomState
from live.gateway.given import Translators, given
from live.gateway.views import View, rfc3339
from live.wire import poll_commands as wire
from live.wire import polls as shapes
from live.wire.shapes import Shape

PollEvent = PollPrepared | PollOpened | PollTallied | PollClosed | PollChanged
"""What each cohort is told in its own words, or not at all."""

# --- in


def _draft(asked: wire.DraftPoll) -> domain.DraftPoll:
    return domain.DraftPoll(
        kind=PollKind(asked.kind),
        variants=tuple(
            domain.DraftQuestion(
                question=each.question,
                options=tuple(each.options),
                segment=given(each.segment),
                language=given(each.language),
                low=given(each.low),
                high=given(each.high),
            )
            for each in asked.variants
        ),
        most=given(asked.most),
        points=given(asked.points),
        right=tuple(asked.right),
        named=asked.named,
        results=Results(asked.results),
        audience=tuple(Addressee(each.segment, each.language) for each in asked.audience),
        for_s=given(asked.for_s),
    )


def _poll_id(poll_id: str | UnsetType) -> PollId | None:
    return None if poll_id is UNSET else PollId(poll_id)


POLL_COMMANDS: Translators = {
    wire.PreparePoll: lambda c: domain.PreparePoll(
        _draft(c.poll), _poll_id(c.poll_id), given(c.revision)
    ),
    wire.OpenPoll: lambda c: domain.OpenPoll(
        None if c.poll is UNSET else _draft(c.poll), _poll_id(c.poll_id), given(c.for_s)
    ),
    wire.AnswerPoll: lambda c: domain.AnswerPoll(PollId(c.poll_id), tuple(c.choices)),
    wire.ClosePoll: lambda c: domain.ClosePoll(PollId(c.poll_id)),
    wire.RevealPoll: lambda c: domain.RevealPoll(PollId(c.poll_id)),
    wire.ShowPoll: lambda c: domain.ShowPoll(PollId(c.poll_id), c.on),
    wire.WithdrawPoll: lambda c: domain.WithdrawPoll(PollId(c.poll_id)),
    wire.JudgeWord: lambda c: domain.JudgeWord(PollId(c.poll_id), c.word, c.shown),
}


# --- out


def polls(view: View) -> list[shapes.Poll]:
    """Those that this reader has before them, oldest first."""
    found = (seen(view, each) for each in view.state.polls.values())
    there = [each for each in found if isinstance(each, shapes.Poll)]
    return sorted(there, key=lambda each: (each.at, each.id))


def own_ballots(state: RoomState, reader: ParticipantId) -> list[shapes.OwnBallot]:
    """What this participant answered, by the poll's id."""
    return [
        shapes.OwnBallot(poll_id=each.poll_id, choices=list(each.choices or words_of(state, each)))
        for each in state.poll_ballots.of_person(reader)
    ]


def seen(view: View, poll: Poll) -> shapes.Poll | shapes.PollTombstone | None:
    """The poll as the reader may have it now; None where there is nothing to know."""
    if not view.staff and not _is_asked(view, poll):
        return None
    if poll.status is PollStatus.WITHDRAWN or not (view.staff or poll.is_seen):
        gone = poll.status is PollStatus.WITHDRAWN
        return shapes.PollTombstone(id=poll.id, status="withdrawn" if gone else "closed")
    variants = _variants(view, poll)
    own = _own(view, poll, variants)
    if own is None:
        return shapes.PollTombstone(id=poll.id, status="withdrawn")
    team = view.staff
    over = poll.status is PollStatus.CLOSED and poll.results_are_seen
    return shapes.Poll(
        id=poll.id,
        revision=poll.revision,
        status=_STATUS[poll.status],
        kind=poll.plan.kind.value,
        at=rfc3339(poll.at),
        question=own.question,
        language=own.language,
        options=_options(poll, own),
        most=poll.plan.most,
        named=poll.plan.named,
        results=poll.plan.results.value,
        low=own.low,
        high=own.high,
        opened_at=UNSET if poll.opened_at is None else rfc3339(poll.opened_at),
        until=UNSET if poll.until is None else rfc3339(poll.until),
        closed_at=UNSET if poll.closed_at is None else rfc3339(poll.closed_at),
        tally=tally(view, poll),
        right=list(poll.plan.right) if poll.plan.right and (team or over) else UNSET,
        revealed=poll.results_are_seen if team else UNSET,
        shown=poll.shown if team else UNSET,
        for_s=poll.plan.for_s if team and poll.plan.for_s is not None else UNSET,
        audience=_audience(poll) if team else UNSET,
        variants=variants if team else UNSET,
        author=view.author(poll.author_id) if team else UNSET,
    )


def tally(view: View, poll: Poll) -> shapes.PollTally | UnsetType:
    """What was counted last, for those who may see it; parts of it for the team alone."""
    if poll.opened_at is None or not (view.staff or poll.results_are_seen):
        return UNSET
    counted = poll.tally
    return shapes.PollTally(
        answered=counted.answered,
        counts=_totals(poll, counted),
        words=_words(view, counted) if poll.plan.kind is PollKind.WORDS else UNSET,
        split=split(poll, counted) if view.staff else UNSET,
    )


def told(view: View, event: Event) -> tuple[str, Shape] | None:
    """An event of a poll as the reader may have it."""
    if isinstance(event, PollAnswered):
        return _answered(view, event)
    if not isinstance(event, PollEvent):
        return None
    poll = view.state.polls[event.poll_id]
    if not view.staff and (isinstance(event, PollPrepared) or poll.opened_at is None):
        return None
    shown = seen(view, poll)
    if isinstance(event, PollTallied):
        counted = tally(view, poll)
        if counted is UNSET or not isinstance(shown, shapes.Poll):
            return None
        return event.type, shapes.PollTallied(poll_id=poll.id, tally=counted)
    if shown is None:
        return None
    return event.type, shapes.PollChanged(poll=shown)


def _answered(view: View, event: PollAnswered) -> tuple[str, Shape] | None:
    if view.reader is None or event.participant_id != view.reader:
        return None
    ballot = view.state.poll_ballots.get(event.poll_id, view.reader)
    if ballot is None:
        return None
    choices = list(ballot.choices or words_of(view.state, ballot))
    return event.type, shapes.PollAnswered(poll_id=event.poll_id, choices=choices)


_STATUS: Mapping[PollStatus, shapes.PollStatus] = {
    PollStatus.DRAFT: "draft",
    PollStatus.OPEN: "open",
    PollStatus.CLOSED: "closed",
}


_WORD_STATUS: Mapping[WordStatus, shapes.WordStatus] = {
    WordStatus.SHOWN: "shown",
    WordStatus.WAITING: "waiting",
    WordStatus.STRUCK: "struck",
}


def _is_asked(view: View, poll: Poll) -> bool:
    cohort = view.own_cohort
    if cohort is None or poll.opened_at is None:
        return False
    return poll.plan.variant(*cohort, view.state.session.languages[0]) is not None


def _own(view: View, poll: Poll, variants: list[shapes.PollVariant]) -> shapes.PollVariant | None:
    """What the reader reads: their cohort's variant; the team, where it has none, any."""
    cohort = view.own_cohort
    default = view.state.session.languages[0]
    plan = poll.plan
    own = None if cohort is None else plan.variant(*cohort, default)
    if own is not None:
        name = (own.segment, own.language)
        found = (each for each in variants if (each.segment, each.language) == name)
        return next(found, None)
    return next(iter(variants), None) if view.staff else None


def _variants(view: View, poll: Poll) -> list[shapes.PollVariant]:
    """Those whose words are not erased."""
    worded = ((each, asked(view.state, each)) for each in poll.plan.variants)
    return [
        shapes.PollVariant(
            segment=each.segment,
            language=each.language,
            question=said.question,
            options=list(said.options),
            low=UNSET if said.low is None else said.low,
            high=UNSET if said.high is None else said.high,
        )
        for each, said in worded
        if said is not None
    ]


def _options(poll: Poll, own: shapes.PollVariant) -> list[shapes.PollOption]:
    ids = poll.plan.options
    texts = ids if poll.plan.kind is PollKind.SCALE else own.options
    return [shapes.PollOption(id=key, text=text) for key, text in zip(ids, texts, strict=True)]


def _audience(poll: Poll) -> list[shapes.Addressee]:
    return [
        shapes.Addressee(segment=each.segment, language=each.language)
        for each in poll.plan.audience
    ]


def _totals(poll: Poll, counted: Tally) -> dict[str, int]:
    by_option = zip(*(each.counts for each in counted.cohorts), strict=True)
    sums = [sum(each) for each in by_option] or [0] * len(poll.plan.options)
    return dict(zip(poll.plan.options, sums, strict=True))


def _words(view: View, counted: Tally) -> list[shapes.CloudWord]:
    words: list[shapes.CloudWord] = []
    for each in counted.words:
        if not (view.staff or each.status is WordStatus.SHOWN):
            continue
        said = words_in(view.state, each.content_id)
        if each.place < len(said):
            status = _WORD_STATUS[each.status] if view.staff else UNSET
            words.append(shapes.CloudWord(word=said[each.place], count=each.count, status=status))
    return words


def split(poll: Poll, counted: Tally) -> shapes.PollSplit:
    """By segment and by language, with what would single people out kept back."""
    return shapes.PollSplit(
        segments=_parts(poll, counted, lambda cohort: cohort[0]),
        languages=_parts(poll, counted, lambda cohort: cohort[1]),
    )


def _parts(poll: Poll, counted: Tally, name_of: Callable[[Cohort], str]) -> list[shapes.PollPart]:
    """One part a name. Everyone knows the sum of each option: so each is a line of its own. How
    many answered is told of a part only where all of its figures are: else it would give away the
    one that is kept back."""
    answered: dict[str, int] = {}
    counts: dict[str, list[int]] = {}
    for each in counted.cohorts:
        name = name_of((each.segment, each.language))
        answered[name] = answered.get(name, 0) + each.answered
        before = counts.get(name, [0] * len(each.counts))
        counts[name] = [one + other for one, other in zip(before, each.counts, strict=True)]
    lines = {
        option: shown_line({name: counts[name][at] for name in counts})
        for at, option in enumerate(poll.plan.options)
    }
    whole = shown_line(answered)
    return [
        shapes.PollPart(
            name=name,
            answered=None if _keeps_back(lines.values(), name) else whole[name],
            counts={option: line[name] for option, line in lines.items()},
        )
        for name in sorted(counts)
    ]


def _keeps_back(lines: Iterable[Mapping[str, int | None]], name: str) -> bool:
    return any(line[name] is None for line in lines)
