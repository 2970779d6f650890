"""Store and directory in memory: for a demo that may forget, and for tests.

Committing is one step of the event loop, so nothing is ever half done. Everything is gone with the
process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from live.domain.announcement import Announcement
from live.domain.audit import BEGINNING, Kept, Words, chain_of, linked
from live.domain.content import Content
from live.domain.funnel import Reached
from live.domain.ids import (
    AnnouncementId,
    ContentId,
    MessageId,
    PaperId,
    ParticipantId,
    PartId,
    PersonId,
    PollId,
    QuestionId,
    SessionId,
)
from live.domain.judgement import NO_HINTS
from live.domain.message import Message, MessageStatus
from live.domain.paper import Paper
from live.domain.part import Part
from live.domain.people import Participant
from live.domain.poll import Poll, PollBallot
from live.domain.pulse import KEPT_TICKS, Tick
from live.domain.question import Ballot, Question, QuestionStatus
from live.domain.text import plain
from live.ports.store import (
    Batch,
    CredentialRecord,
    Holder,
    IdempotencyKey,
    InviteRecord,
    RoomRecord,
    Search,
    SessionRecord,
    SlugTaken,
    StaleWriter,
    StoredEvent,
)

KEYS_OUTLIVE_THE_SESSION_BY: Final = timedelta(hours=24)

Item = TypeVar("Item", Message, Question)


@dataclass(slots=True)
class _Rows:
    """What is kept of one session, the participants aside."""

    session: SessionRecord
    events: list[StoredEvent] = field(default_factory=list)
    contents: dict[ContentId, Content] = field(default_factory=dict)
    messages: dict[MessageId, Message] = field(default_factory=dict)
    questions: dict[QuestionId, Question] = field(default_factory=dict)
    ballots: dict[tuple[QuestionId, ParticipantId], Ballot] = field(default_factory=dict)
    papers: dict[PaperId, Paper] = field(default_factory=dict)
    announcements: dict[AnnouncementId, Announcement] = field(default_factory=dict)
    parts: dict[PartId, Part] = field(default_factory=dict)
    polls: dict[PollId, Poll] = field(default_factory=dict)
    poll_ballots: dict[tuple[PollId, ParticipantId], PollBallot] = field(default_factory=dict)
    reactions: dict[tuple[str, str], int] = field(default_factory=dict)
    ticks: dict[int, Tick] = field(default_factory=dict)
    reached: dict[ParticipantId, Reached] = field(default_factory=dict)
    keys: dict[tuple[ParticipantId, str], IdempotencyKey] = field(default_factory=dict)


class MemoryStore:
    """``Store`` in memory; ``MemoryDirectory`` is the ``Directory`` of the same sessions."""

    def __init__(self) -> None:
        self.sessions: dict[SessionId, _Rows] = {}
        self.participants: dict[ParticipantId, Participant] = {}
        self._chains: dict[str, list[Kept]] = {}

    async def load_room(self, session_id: SessionId, *, recent_messages: int) -> RoomRecord | None:
        rows = self.sessions.get(session_id)
        if rows is None:
            return None
        messages = _recent(rows.messages.values(), recent_messages)
        questions = list(rows.questions.values())
        return RoomRecord(
            session=rows.session,
            participants=[
                each for each in self.participants.values() if each.session_id == session_id
            ],
            messages=messages,
            questions=questions,
            ballots=list(rows.ballots.values()),
            contents=_contents_of(rows, [*messages, *questions]),
            papers=sorted(rows.papers.values(), key=lambda each: (each.at, each.id)),
            announcements=sorted(rows.announcements.values(), key=lambda each: (each.at, each.id)),
            parts=list(rows.parts.values()),
            polls=sorted(rows.polls.values(), key=lambda each: (each.at, each.id)),
            poll_ballots=list(rows.poll_ballots.values()),
            reactions=dict(rows.reactions),
            ticks=[rows.ticks[at] for at in sorted(rows.ticks)[-KEPT_TICKS:]],
            reached=dict(rows.reached),
        )

    async def commit(self, batch: Batch) -> None:
        rows = self.sessions.get(batch.session_id)
        if rows is None or rows.session.head != batch.expected_head:
            raise StaleWriter(f"{batch.session_id} is not at {batch.expected_head}")
        if any((key.participant_id, key.command_id) in rows.keys for key in batch.keys):
            raise StaleWriter(f"a command of this batch was done on {batch.session_id} before")
        rows.session = replace(batch.session or rows.session, head=batch.head)
        rows.events.extend(batch.events)
        for content in batch.contents:
            known = rows.contents.get(content.id)
            if known is None or known.text is not None:
                rows.contents[content.id] = content
        for message in batch.messages:
            rows.messages[message.id] = _as_erased(rows, message)
        for question in batch.questions:
            rows.questions[question.id] = _as_erased(rows, question)
        for ballot in batch.ballots:
            rows.ballots[ballot.question_id, ballot.participant_id] = ballot
        for participant in batch.participants:
            put_participant(self, participant)
        for paper in batch.papers:
            rows.papers[paper.id] = paper
        for announcement in batch.announcements:
            rows.announcements[announcement.id] = announcement
        rows.parts.update((part.id, part) for part in batch.parts)
        rows.polls |= {poll.id: poll for poll in batch.polls}
        rows.poll_ballots |= {
            (each.poll_id, each.participant_id): each for each in batch.poll_ballots
        }
        for kind, count in batch.reactions.items():
            rows.reactions[kind] = rows.reactions.get(kind, 0) + count
        rows.ticks.update((tick.at, tick) for tick in batch.ticks)
        rows.reached.update(batch.reached)
        rows.keys.update(((key.participant_id, key.command_id), key) for key in batch.keys)
        _erase(rows, frozenset(batch.erase))
        self._write_down(chain_of(batch.session_id), batch)
        await asyncio.sleep(0)  # as with a real store, others may run before the caller goes on

    async def events(
        self, session_id: SessionId, *, after: int, limit: int
    ) -> Sequence[StoredEvent]:
        rows = self.sessions.get(session_id)
        return [] if rows is None else rows.events[after : after + limit]

    async def decisions(
        self, session_id: SessionId, *, mentioning: str | None = None, limit: int
    ) -> Sequence[StoredEvent]:
        rows = self.sessions.get(session_id)
        found = [each for each in (rows.events if rows else ()) if each.type == "decision.made"]
        wanted = "" if mentioning is None else f'"{mentioning}"'
        return [each for each in found if wanted in each.data.decode()][-limit:]

    async def find_key(
        self, session_id: SessionId, participant_id: ParticipantId, command_id: str
    ) -> IdempotencyKey | None:
        rows = self.sessions.get(session_id)
        return None if rows is None else rows.keys.get((participant_id, command_id))

    async def find_keys(
        self, session_id: SessionId, participant_ids: Sequence[ParticipantId], *, limit: int
    ) -> Sequence[IdempotencyKey]:
        rows = self.sessions.get(session_id)
        keys = () if rows is None else rows.keys.values()
        found = (each for each in keys if each.participant_id in participant_ids)
        return sorted(found, key=lambda each: each.participant_id)[:limit]

    async def find_messages(
        self, session_id: SessionId, ids: Sequence[MessageId]
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        rows = self.sessions.get(session_id)
        if rows is None:
            return [], []
        found = [rows.messages[each] for each in ids if each in rows.messages]
        return found, _contents_of(rows, found)

    async def find_contents(
        self, session_id: SessionId, ids: Sequence[ContentId]
    ) -> Sequence[Content]:
        rows = self.sessions.get(session_id)
        return (
            [] if rows is None else [rows.contents[each] for each in ids if each in rows.contents]
        )

    async def find_authored(
        self, session_id: SessionId, participant_id: ParticipantId
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        rows = self.sessions.get(session_id)
        if rows is None:
            return [], []
        return (
            [each for each in rows.messages.values() if each.author_id == participant_id],
            [each for each in rows.contents.values() if each.owner_id == participant_id],
        )

    async def page_messages(
        self,
        session_id: SessionId,
        *,
        statuses: Sequence[MessageStatus],
        before: int | None,
        limit: int,
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        rows = self.sessions.get(session_id)
        if rows is None:
            return [], []
        chosen = [each for each in rows.messages.values() if each.status in statuses]
        page = _page(chosen, before, limit)
        return page, _contents_of(rows, page)

    async def search(
        self, session_id: SessionId, search: Search
    ) -> tuple[Sequence[Message], Sequence[Question], Sequence[Content]]:
        rows = self.sessions.get(session_id)
        if rows is None:
            return [], [], []
        messages = _latest(rows, rows.messages.values(), search)
        questions = _latest(rows, rows.questions.values(), search)
        return messages, questions, _contents_of(rows, [*messages, *questions])

    async def page_questions(
        self,
        session_id: SessionId,
        *,
        statuses: Sequence[QuestionStatus],
        before: int | None,
        limit: int,
    ) -> tuple[Sequence[Question], Sequence[Content]]:
        rows = self.sessions.get(session_id)
        if rows is None:
            return [], []
        chosen = [each for each in rows.questions.values() if each.status in statuses]
        page = _page(chosen, before, limit)
        return page, _contents_of(rows, page)

    async def ticks(self, session_id: SessionId, *, first: int, last: int) -> Sequence[Tick]:
        rows = self.sessions.get(session_id)
        known = {} if rows is None else rows.ticks
        return [known[at] for at in sorted(known) if first <= at <= last]

    async def audit(self, chain: str, *, after: int, limit: int) -> Sequence[Kept]:
        return self._chains.get(chain, [])[after : after + limit]

    def _write_down(self, chain: str, batch: Batch) -> None:
        links = self._chains.setdefault(chain, [])
        for act in batch.acts:
            previous = links[-1].link.hash if links else BEGINNING
            links.append(Kept(linked(chain, previous, len(links) + 1, act.body), act.words))
        gone = {each.id for each in batch.participants if each.erased}
        if gone:
            links[:] = [replace(each, words=_without(each.words, gone)) for each in links]

    async def purge_keys(self, now: datetime) -> int:
        purged = 0
        for rows in self.sessions.values():
            ended_at = rows.session.ended_at
            if ended_at is not None and now - ended_at > KEYS_OUTLIVE_THE_SESSION_BY:
                purged += len(rows.keys)
                rows.keys.clear()
        return purged


def _without(words: Iterable[Words], gone: set[ParticipantId]) -> tuple[Words, ...]:
    return tuple(
        replace(each, text=None, salt=None) if gone & {each.by, each.about} else each
        for each in words
    )


def put_participant(store: MemoryStore, participant: Participant) -> None:
    """Insert or replace; who was erased stays erased, whatever an older copy says."""
    known = store.participants.get(participant.id)
    if known is None or not known.erased:
        store.participants[participant.id] = participant


def _position(item: Message | Question) -> int:
    """The place, or the time in microseconds before there is one."""
    if item.place is not None:
        return item.place
    return int(item.at.timestamp() * 1_000_000)


def _recent(messages: Iterable[Message], limit: int) -> list[Message]:
    """All pending, and the latest of those that have a place and of the refused."""
    everything = sorted(messages, key=_position)
    pending = [each for each in everything if each.status is MessageStatus.PENDING]
    others = [each for each in everything if each.status is not MessageStatus.PENDING]
    placed = [each for each in others if each.place is not None]
    refused = [each for each in others if each.place is None]
    return [*placed[-limit:], *refused[-limit:], *pending]


def _page(items: Iterable[Item], before: int | None, limit: int) -> list[Item]:
    """The latest before a position, and all that share the last one's position."""
    chosen = sorted(
        (each for each in items if before is None or _position(each) < before),
        key=lambda each: (-_position(each), each.id),
    )
    page = chosen[:limit]
    return page + [each for each in chosen[limit:] if _position(each) == _position(page[-1])]


def _latest(rows: _Rows, items: Iterable[Item], search: Search) -> list[Item]:
    found = [each for each in items if _fits(rows, each, search)]
    found.sort(key=lambda each: each.id)
    found.sort(key=lambda each: each.at, reverse=True)
    return found[: search.limit]


def _fits(rows: _Rows, item: Message | Question, search: Search) -> bool:
    content = rows.contents.get(item.content_id)
    if item.withdrawn or content is None or content.text is None:
        return False
    said, language = plain(content.text), item.language.lower()
    return (
        all(
            word in said or item.author_id in authors
            for word, authors in zip(search.words, search.authors, strict=True)
        )
        and search.status in (None, item.status.value)
        and (search.language is None or f"{language}-".startswith(f"{search.language}-"))
        and (search.label is None or search.label in item.labels)
        and search.assignee in (None, item.assignee)
        and (search.after is None or _follows(item, *search.after))
    )


def _follows(item: Message | Question, at: datetime, name: str) -> bool:
    return item.at < at or (item.at == at and item.id > name)


def _contents_of(rows: _Rows, items: Iterable[Message | Question]) -> list[Content]:
    return [rows.contents[each.content_id] for each in items if each.content_id in rows.contents]


def _erase(rows: _Rows, ids: frozenset[ContentId]) -> None:
    """Texts and salts go, and with them what in the texts showed the reasons."""
    if not ids:
        return
    for content_id in ids & rows.contents.keys():
        rows.contents[content_id] = replace(rows.contents[content_id], text=None, salt=None)
    for message in list(rows.messages.values()):
        if message.content_id in ids:
            rows.messages[message.id] = _without_evidence(message)
    for question in list(rows.questions.values()):
        if question.content_id in ids:
            rows.questions[question.id] = _without_evidence(question)


def _as_erased(rows: _Rows, item: Item) -> Item:
    content = rows.contents.get(item.content_id)
    return _without_evidence(item) if content is not None and content.text is None else item


def _without_evidence(item: Item) -> Item:
    bare = tuple(replace(each, evidence=None) for each in item.reasons)
    if isinstance(item, Question):
        return replace(item, reasons=bare, hints=NO_HINTS, from_message=None)
    return replace(item, reasons=bare, hints=NO_HINTS)


class MemoryDirectory:
    """``Directory`` of the sessions in a ``MemoryStore``."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._invites: dict[str, InviteRecord] = {}
        self._credentials: dict[bytes, CredentialRecord] = {}

    # --- sessions

    async def add_session(self, record: SessionRecord) -> None:
        if await self.find_session(record.slug) is not None:
            raise SlugTaken(record.slug)
        self._store.sessions[record.id] = _Rows(record)

    async def find_session(self, slug: str) -> SessionRecord | None:
        for rows in self._store.sessions.values():
            if rows.session.slug == slug:
                return rows.session
        return None

    async def list_sessions(self) -> Sequence[SessionRecord]:
        records = sorted(
            (rows.session for rows in self._store.sessions.values()), key=lambda each: each.id
        )
        return sorted(records, key=lambda each: each.created_at, reverse=True)

    # --- invites

    async def add_invite(self, invite: InviteRecord) -> None:
        self._invites[invite.id] = invite

    async def list_invites(self, session_id: SessionId) -> Sequence[InviteRecord]:
        found = (each for each in self._invites.values() if each.session_id == session_id)
        return sorted(found, key=lambda each: (each.created_at, each.id))

    async def find_invite(self, token_hash: bytes) -> InviteRecord | None:
        for invite in self._invites.values():
            if invite.token_hash == token_hash:
                return invite
        return None

    async def revoke_invite(
        self, session_id: SessionId, invite_id: str, at: datetime
    ) -> Sequence[ParticipantId] | None:
        invite = self._invites.get(invite_id)
        if invite is None or invite.session_id != session_id:
            return None
        self._invites[invite_id] = replace(invite, revoked_at=invite.revoked_at or at)
        let_in = [
            each.id
            for each in self._store.participants.values()
            if each.session_id == session_id and each.invite_id == invite_id
        ]
        for participant_id in let_in:
            await self.revoke_credentials(participant_id, at)
        return let_in

    async def use_invite(
        self,
        invite_id: str,
        participant: Participant,
        credential: CredentialRecord,
        now: datetime,
    ) -> InviteRecord | None:
        invite = self._invites.get(invite_id)
        if (
            invite is None
            or invite.session_id != participant.session_id
            or invite.revoked_at is not None
            or (invite.expires_at is not None and invite.expires_at <= now)
            or (invite.uses is not None and invite.used >= invite.uses)
        ):
            return None
        used = self._invites[invite_id] = replace(invite, used=invite.used + 1)
        await self.add_participant(participant, credential)
        return used

    # --- participants

    async def add_participant(self, participant: Participant, credential: CredentialRecord) -> None:
        put_participant(self._store, participant)
        await self.add_credential(credential)

    async def find_participant(self, participant_id: ParticipantId) -> Participant | None:
        return self._store.participants.get(participant_id)

    async def find_person_in_session(
        self, session_id: SessionId, person_id: PersonId
    ) -> Participant | None:
        found = [
            each
            for each in self._store.participants.values()
            if each.session_id == session_id and each.person_id == person_id and not each.erased
        ]
        found.sort(key=lambda each: each.id)
        return max(found, key=lambda each: each.joined_at, default=None)

    # --- credentials

    async def add_credential(self, credential: CredentialRecord) -> None:
        self._credentials[credential.token_hash] = credential

    async def revoke_credentials(self, participant_id: ParticipantId, at: datetime) -> None:
        for credential in list(self._credentials.values()):
            if credential.participant_id == participant_id and credential.revoked_at is None:
                self._credentials[credential.token_hash] = replace(credential, revoked_at=at)

    async def find_holder(self, session_id: SessionId, token_hash: bytes) -> Holder | None:
        found = self._credentials.get(token_hash)
        if found is None or found.session_id != session_id:
            return None
        return Holder(found.participant_id, found.revoked_at is not None)
