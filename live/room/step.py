"""One step of a room's writer: a draft, what was decided on it, and the batch that it makes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from live.domain.commands import Command
from live.domain.content import Content
from live.domain.events import BallotCast, ParticipantChanged, Recorded
from live.domain.fold import apply
from live.domain.ids import ContentId, ParticipantId, QuestionId
from live.domain.outcome import Context, Decided, Refusal, Screening
from live.domain.state import RoomState
from live.ports.store import Batch, IdempotencyKey
from live.room.codec import encode_result, stored
from live.room.keys import Done, Remembered
from live.room.records import session_differs, session_record


@dataclass(frozen=True, slots=True)
class Key:
    """Which command of whom, and what its content was."""

    participant_id: ParticipantId
    command_id: str
    digest: bytes


@dataclass(eq=False, slots=True)
class Item:
    """A command in the writer's queue, and who waits for its outcome."""

    command: Command
    future: asyncio.Future[Done | Refusal]
    by: ParticipantId | None = None
    key: Key | None = None
    screening: Screening | None = None

    def settle(self, outcome: Done | Refusal) -> None:
        if not self.future.done():
            self.future.set_result(outcome)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


@dataclass(slots=True)
class Step:
    """Everything that becomes true together, or not at all. ``voted`` are the roots whose tally may
    be behind now, ``counted`` those that were brought up to date, and when (monotonic seconds)."""

    committed: RoomState
    draft: RoomState = field(init=False)
    events: list[Recorded] = field(default_factory=list)
    outcomes: list[tuple[Item, Done | Refusal]] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    erase: list[ContentId] = field(default_factory=list)
    reactions: Counter[tuple[str, str]] = field(default_factory=Counter)
    keys: list[IdempotencyKey] = field(default_factory=list)
    voted: set[QuestionId] = field(default_factory=set)
    counted: dict[QuestionId, float] = field(default_factory=dict)
    audience: set[ParticipantId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.draft = self.committed.fork()

    def take(self, decided: Decided, context: Context) -> int | None:
        """Make it true on the draft; the last event's ``seq``, or None if there is none."""
        recorded = apply(self.draft, decided, context.now)
        self.events += recorded
        self.contents += decided.contents
        self.erase += decided.erase
        if decided.reaction is not None:
            kind, segment, count = decided.reaction
            self.reactions[kind, segment] += count
        for each in recorded:
            if isinstance(each.event, BallotCast):
                self.voted.add(self.draft.root(each.event.question_id).id)
            elif isinstance(each.event, ParticipantChanged) and each.event.audience:
                self.audience.add(each.event.participant_id)
        return recorded[-1].seq if recorded else None

    def answer(self, item: Item, decided: Decided, seq: int | None) -> None:
        """Note what its caller will hear once this step is on disk."""
        self.outcomes.append((item, Done(seq, decided.result)))
        if item.key is not None:
            self.keys.append(
                IdempotencyKey(
                    participant_id=item.key.participant_id,
                    command_id=item.key.command_id,
                    digest=item.key.digest,
                    seq=seq,
                    result=encode_result(decided.result),
                )
            )

    def refuse(self, item: Item, refusal: Refusal) -> None:
        self.outcomes.append((item, refusal))

    def batch(self) -> Batch | None:
        """What the store has to take, or None if nothing came of this step."""
        draft, committed = self.draft, self.committed
        session = session_record(draft) if session_differs(draft, committed) else None
        participants = draft.participants.changed()
        changes = (self.events, self.keys, self.reactions, participants, session, self.erase)
        if not any(changes):
            return None
        return Batch(
            session_id=draft.session.id,
            expected_head=committed.head,
            head=draft.head,
            events=[stored(each) for each in self.events],
            contents=self.contents,
            erase=self.erase,
            messages=draft.messages.changed(),
            questions=draft.questions.changed(),
            ballots=draft.ballots.changed(),
            participants=participants,
            reactions=dict(self.reactions),
            keys=self.keys,
            session=session,
        )

    def remembered(self) -> list[tuple[Key, Remembered]]:
        return [
            (item.key, Remembered(item.key.digest, outcome))
            for item, outcome in self.outcomes
            if item.key is not None and isinstance(outcome, Done)
        ]
