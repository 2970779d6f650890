"""One step of a room's writer: a draft, what was decided on it, and the batch that it makes."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from live.domain.audit import Act
from live.domain.commands import Command
from live.domain.content import Content
from live.domain.counting import Tally
from live.domain.decision import Decision
from live.domain.events import Recorded
from live.domain.fold import apply
from live.domain.ids import ContentId, ParticipantId, PollId, QuestionId
from live.domain.outcome import Context, Decided, Refusal, Screening
from live.domain.people import Participant
from live.domain.poll_events import PollAnswered, PollChanged
from live.domain.pulse import tick_at
from live.domain.question_events import BallotCast
from live.domain.state import RoomState
from live.ports.lease import Lease
from live.ports.store import Batch, IdempotencyKey
from live.room.acting import act_of, is_written_down, stood_before
from live.room.codec import encode_result, stored
from live.room.keys import Done, Remembered
from live.room.records import session_differs, session_record

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """Which command of whom, and what its content was."""

    participant_id: ParticipantId
    command_id: str
    digest: bytes


Outcome = Done | Refusal | Exception


@dataclass(eq=False, slots=True)
class Item:
    """A command on its way, and those who wait for its outcome: who gave it may be ``told``, all
    others wait by a future of their own, so that one who gives up takes nothing from the others."""

    command: Command
    by: ParticipantId | None = None
    key: Key | None = None
    screening: Screening | None = None
    recalled: tuple[Decision, ...] = ()
    on_landed: Callable[[Item], None] | None = None
    told: Callable[[Outcome], None] | None = None
    outcome: Outcome | None = None
    waiting: list[asyncio.Future[Done | Refusal]] = field(default_factory=list)

    async def landed(self) -> Done | Refusal:
        """The outcome, as soon as there is one; raises what went wrong while deciding."""
        if self.outcome is None:
            future: asyncio.Future[Done | Refusal] = asyncio.get_running_loop().create_future()
            self.waiting.append(future)
            return await future
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def settle(self, outcome: Outcome) -> None:
        """Tell everyone who waits; only the first outcome counts."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        for future in self.waiting:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        if self.on_landed is not None:
            self.on_landed(self)
        if self.told is not None:
            try:
                self.told(outcome)
            except Exception:
                # Others wait for outcomes of the same step.
                logger.exception("an outcome could not be told")


@dataclass(slots=True)
class Step:
    """Everything that becomes true together, or not at all. ``voted`` are the roots, and the polls,
    whose tally may be behind now, ``counted`` those that were brought up to date, and when
    (monotonic seconds), ``written`` the batch it made."""

    committed: RoomState
    draft: RoomState = field(init=False)
    events: list[Recorded] = field(default_factory=list)
    outcomes: list[tuple[Item, Done | Refusal]] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    erase: list[ContentId] = field(default_factory=list)
    reactions: Counter[tuple[str, str]] = field(default_factory=Counter)
    keys: list[IdempotencyKey] = field(default_factory=list)
    voted: set[QuestionId | PollId] = field(default_factory=set)
    counted: dict[QuestionId | PollId, float] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    tally: Tally | None = None
    written: Batch | None = None

    def __post_init__(self) -> None:
        self.draft = self.committed.fork()

    def take(
        self, decided: Decided, context: Context, actor: Participant | None = None
    ) -> int | None:
        """Make it true on the draft; the last event's ``seq``, or None if there is none."""
        recorded = apply(self.draft, decided, context.now)
        tally = self.tally
        if tally is None:
            tally = self.tally = Tally(self.draft, tick_at(context.now))
        self.events += recorded
        self.contents += decided.contents
        self.erase += decided.erase
        if decided.reaction is not None:
            kind, segment, count = decided.reaction
            self.reactions[kind, segment] += count
            if actor is not None:
                tally.tapped(actor, kind, count)
        if decided.counted is not None:
            tally.counted(decided.counted)
        for each in recorded:
            tally.happened(each.event)
            if isinstance(each.event, BallotCast):
                self.voted.add(self.draft.root(each.event.question_id).id)
            elif isinstance(each.event, PollAnswered | PollChanged):
                self.voted.add(each.event.poll_id)
        return recorded[-1].seq if recorded else None

    def perform(
        self, actor: Participant | None, command: Command, decided: Decided, context: Context
    ) -> int | None:
        """As ``take``; what the team does is written down in the same batch."""
        if not is_written_down(command, actor):
            return self.take(decided, context, actor)
        stood, known = stood_before(self.draft, command, decided), len(self.events)
        seq = self.take(decided, context, actor)
        self.acts.append(act_of(actor, command, decided, self.events[known:], stood, context))
        return seq

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

    def batch(self, lease: Lease | None) -> Batch | None:
        """What the store has to take, or None if nothing came of this step."""
        draft, committed = self.draft, self.committed
        if self.tally is not None:
            self.tally.close()
        ticks, reached = draft.ticks.changed(), draft.reached.layer()
        session = session_record(draft) if session_differs(draft, committed) else None
        participants = draft.participants.changed()
        others = (self.keys, self.reactions, participants, session, self.erase, self.acts)
        if not (self.events or any(others) or ticks or reached):
            return None
        self.written = Batch(
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
            papers=draft.papers.changed(),
            announcements=draft.announcements.changed(),
            parts=draft.parts.changed(),
            polls=draft.polls.changed(),
            poll_ballots=draft.poll_ballots.changed(),
            reactions=dict(self.reactions),
            ticks=ticks,
            reached=reached,
            keys=self.keys,
            acts=self.acts,
            session=session,
            lease=lease,
        )
        return self.written

    def remembered(self) -> list[tuple[Key, Remembered]]:
        return [
            (item.key, Remembered(item.key.digest, outcome))
            for item, outcome in self.outcomes
            if item.key is not None and isinstance(outcome, Done)
        ]
