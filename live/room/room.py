"""One running session: a single writer that numbers events, and what everyone reads of it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live.domain.commands import (
    EraseParticipant,
    Lapse,
    PersonCommand,
    ServerAct,
)
from live.domain.decide import decide
from live.domain.events import Recorded
from live.domain.ids import MessageId, ParticipantId, QuestionId, SessionId
from live.domain.outcome import Context, Decided, Refusal, Screening
from live.domain.people import Participant
from live.domain.profile import vet_name
from live.domain.state import RoomState
from live.domain.voting import tally
from live.ports.clock import Clock, Entropy
from live.ports.gate import Gate
from live.ports.store import StaleWriter, Store, StoreUnavailable
from live.room.codec import decode_result, recorded
from live.room.keys import ID_REUSED, Done, KeyMemory, Remembered
from live.room.log import EventLog
from live.room.records import hydrate, trim
from live.room.references import messages_in_command, messages_in_events
from live.room.screening import Screener
from live.room.settings import RoomSettings
from live.room.step import Item, Key, Step

logger = logging.getLogger(__name__)

_LONGEST_NAP_S = 30.0
"""A set-back or set-forward wall clock is noticed after this time at most."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one batch made true. ``events`` may be empty (taps only: ``tallies``). ``audience`` are
    the participants whose role, segment or language changed: they need a new snapshot."""

    events: tuple[Recorded, ...]
    head: int
    audience: frozenset[ParticipantId]
    tallies: bool


Listener = Callable[[Committed], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rooms share of the world around them."""

    store: Store
    gate: Gate
    clock: Clock
    entropy: Entropy
    settings: RoomSettings


class Room:
    """One running session; ``Rooms`` makes and ends it.

    ``state`` is committed state: only to be read, and within one loop step. Commands of one
    participant are taken in the order of calls. If another writer moved the session on, the room
    stops (``stopped``) without having acked anything, and another one has to be asked for.
    """

    def __init__(self, state: RoomState, world: Surroundings) -> None:
        self.state = state
        self.stopped = asyncio.Event()
        self._world = world
        self._settings = world.settings
        self._log = EventLog(
            state.head,
            least=self._settings.resume_events,
            young_s=self._settings.resume_s,
            most=self._settings.remembered_events,
        )
        self._keys = KeyMemory(most_each=self._settings.remembered_keys)
        self._screener = Screener(world.gate, self._settings)
        self._queue: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._flying: dict[tuple[ParticipantId, str], Item] = {}
        self._tails: dict[ParticipantId, asyncio.Future[None]] = {}
        self._listeners: list[Listener] = []
        # Tallies that may be behind their ballots; at the start any may be, after a crash.
        self._behind: set[QuestionId] = set(state.questions)
        self._tallied_at: dict[QuestionId, float] = {}
        self._not_before = world.clock.monotonic()
        self._used_at = world.clock.monotonic()
        self._closing = False
        self._writer = asyncio.create_task(self._write(), name=f"room-{state.session.slug}")

    @property
    def id(self) -> SessionId:
        return self.state.session.id

    @property
    def slug(self) -> str:
        return self.state.session.slug

    @property
    def epoch(self) -> str:
        return self.state.session.epoch

    @property
    def head(self) -> int:
        """The ``seq`` of the last event, 0 before the first."""
        return self.state.head

    @property
    def is_open(self) -> bool:
        """Whether it takes commands."""
        return not self._closing and not self.stopped.is_set()

    @property
    def idle_s(self) -> float:
        """For how long nobody has asked anything or listened; 0 while somebody does."""
        if self._listeners or self._queue or self._flying or self._behind:
            return 0.0
        return self._world.clock.monotonic() - self._used_at

    # --- what people and the server ask

    async def execute(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
    ) -> Done | Refusal:
        """Do what a person asks, once per ``command_id``; returns after the commit.

        ``digest`` tells contents apart: the same id with another digest is ``id_reused``. The same
        id again gives the same answer and no second effect, also after a restart. Refusals are not
        remembered. Cancelling the caller does not undo what is under way.
        """
        remembered = self._keys.find(participant_id, command_id)
        if remembered is not None:
            return remembered.answer(digest)
        flying = self._flying.get((participant_id, command_id))
        if flying is not None:
            if flying.key is None or flying.key.digest != digest:
                return ID_REUSED
            return await asyncio.shield(flying.future)
        key = Key(participant_id, command_id, digest)
        item = Item(command, asyncio.get_running_loop().create_future(), participant_id, key)
        self._flying[participant_id, command_id] = item
        item.future.add_done_callback(lambda _: self._landed(key))
        try:
            await self._enter(item, key, command)
        except BaseException:
            item.settle(self._overloaded("The command did not arrive."))
            raise
        return await asyncio.shield(item.future)

    async def act(self, act: ServerAct, *, by: ParticipantId | None = None) -> Done | Refusal:
        """Do what the server itself has to: change of state, stage, standing, erasure. ``by`` is on
        whose behalf, if anyone's; who may is the caller's business."""
        item = Item(act, asyncio.get_running_loop().create_future(), by)
        self._enqueue(item)
        return await asyncio.shield(item.future)

    def admit(self, participant: Participant) -> None:
        """Make known someone whom the directory has just taken in. Idempotent; a known participant
        stays as the room knows them (``act(ChangeParticipant(…))`` changes that)."""
        if participant.session_id != self.id:
            raise ValueError("a participant of another session")
        if participant.id not in self.state.participants:
            self.state.put_participant(participant)
            self._keys.welcome(participant.id)

    def vet_name(self, name: str, *, bearer: ParticipantId | None = None) -> str | Refusal:
        """The name as it may be borne here: NFC, trimmed, not the team's; or why not."""
        participant = None if bearer is None else self.state.participants.get(bearer)
        return vet_name(self.state, participant, name, self._context())

    async def settle(self) -> None:
        """Bring about what time alone brings (claims and sanctions lapse); the room's own timer
        does it too. Tests that own the clock call it."""
        await self.act(Lapse())

    # --- what everyone reads

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be called right after every commit, in the loop step in which it becomes visible, before
        the command's own caller goes on; returns the way to stop. A listener must not block."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)
            self._used_at = self._world.clock.monotonic()

        return stop

    async def history(self, after: int, limit: int) -> Sequence[Recorded] | None:
        """The events after ``after``, at most ``limit``, oldest first; None where a snapshot has to
        serve instead: too far back, or ahead of this log. All messages that they refer to are in
        ``state`` until the next loop step. Raises ``StoreUnavailable``."""
        self._used_at = self._world.clock.monotonic()
        if not 0 <= after <= self.head:
            return None
        events: Sequence[Recorded] | None = self._log.after(after, limit)
        if events is None:
            events = await self._older(after, limit)
            if events is None:
                return None
        missing = [each for each in messages_in_events(events) if each not in self.state.messages]
        if missing:
            hydrate(self.state, *await self._world.store.find_messages(self.id, missing))
        return events

    async def _older(self, after: int, limit: int) -> Sequence[Recorded] | None:
        too_many = self.head - after > self._settings.resume_events
        found = await self._world.store.events(self.id, after=after, limit=limit)
        if not found:
            return None
        age_s = (self._world.clock.now() - found[0].at).total_seconds()
        if too_many and age_s > self._settings.resume_s:
            return None
        return [recorded(each) for each in found]

    # --- the end

    async def close(self, *, patience_s: float = 2.0) -> None:
        """Finish what was taken, refuse the rest. Idempotent. What a store does not take within
        ``patience_s`` is given up: it was not acked."""
        self._closing = True
        self._wake.set()
        _, late = await asyncio.wait([self._writer], timeout=patience_s)
        if late:
            self._writer.cancel()
            await asyncio.wait([self._writer])

    # --- on the way to the writer

    async def _enter(self, item: Item, key: Key, command: PersonCommand) -> None:
        """Look for the key, ask the gate, and join the queue behind the same person's earlier
        commands, however long the gate took over those."""
        person_id = key.participant_id
        earlier = self._tails.get(person_id)
        person = self.state.participants.get(person_id)
        asks = person is not None and self._screener.needs(person, command)
        if earlier is None and not asks and self._keys.knows_all_of(person_id):
            self._enqueue(item)
            return
        tail = asyncio.get_running_loop().create_future()
        self._tails[person_id] = tail
        try:
            outcome = await self._prepare(item, key, person if asks else None, command)
            if earlier is not None:
                await asyncio.wait([earlier])
        finally:
            tail.set_result(None)
            if self._tails.get(person_id) is tail:
                del self._tails[person_id]
        if outcome is not None:
            item.settle(outcome)
        else:
            self._enqueue(item)

    async def _prepare(
        self, item: Item, key: Key, author: Participant | None, command: PersonCommand
    ) -> Done | Refusal | None:
        """An outcome where the writer is not needed; otherwise the item has its screening."""
        if not self._keys.knows_all_of(key.participant_id):
            try:
                stored = await self._world.store.find_key(
                    self.id, key.participant_id, key.command_id
                )
            except StoreUnavailable:
                return self._overloaded("The database does not answer; try again.")
            if stored is not None:
                done = Done(stored.seq, decode_result(stored.result))
                return Remembered(stored.digest, done).answer(key.digest)
        if author is None:
            return None
        screening = await self._screener.screen(self.state.session, author, command)
        if isinstance(screening, Refusal):
            return screening
        item.screening = screening
        return None

    def _enqueue(self, item: Item) -> None:
        if not self.is_open:
            item.settle(self._overloaded("This server is about to stop; try again."))
        elif len(self._queue) >= self._settings.queue_limit and item.key is not None:
            item.settle(self._overloaded("Too much at once; try again."))
        else:
            self._queue.append(item)
            self._wake.set()

    def _landed(self, key: Key) -> None:
        self._flying.pop((key.participant_id, key.command_id), None)

    def _overloaded(self, sentence: str) -> Refusal:
        return Refusal("overloaded", sentence, retry_after_s=self._settings.retry_after_s)

    def _context(self, screening: Screening | None = None) -> Context:
        return Context(
            now=self._world.clock.now(),
            entropy=self._world.entropy,
            limits=self._settings.limits,
            screening=screening,
            skeleton=self._settings.skeleton,
            reserved=self._settings.reserved(),
        )

    # --- the writer

    async def _write(self) -> None:
        """Take what is queued, decide, commit, tell; until closed and empty."""
        items: list[Item] = []
        try:
            while not (self._closing and not self._queue):
                await self._wait()
                items = [
                    self._queue.popleft()
                    for _ in range(min(len(self._queue), self._settings.batch_limit))
                ]
                await self._step(items)
            if self._behind:
                await self._step([])
        except StaleWriter:
            logger.warning("another writer has this session", extra={"session": self.slug})
        except Exception:
            logger.exception("the room's writer failed", extra={"session": self.slug})
        finally:
            self.stopped.set()
            for item in (*items, *self._queue):
                item.settle(self._overloaded("This session moved; try again."))
            self._queue.clear()

    async def _wait(self) -> None:
        if not self._queue and not self._closing:
            try:
                async with asyncio.timeout(self._nap_s()):
                    await self._wake.wait()
            except TimeoutError:
                pass  # time is what was waited for
        self._wake.clear()

    def _nap_s(self) -> float:
        """Until the next tally or lapse is due."""
        monotonic = self._world.clock.monotonic()
        due = [_LONGEST_NAP_S]
        if self._behind:
            every = self._settings.tally_every_s
            due.append(min(self._tallied_at.get(each, 0.0) for each in self._behind) + every)
            due[-1] -= monotonic
        now = self._world.clock.now()
        ends = [claim.until for claim in self.state.claims.values()]
        ends += [each.until for each in self.state.sanctions.values() if each.until is not None]
        if ends:
            due.append((min(ends) - now).total_seconds())
        return max(min(due), self._not_before - monotonic, 0.0)

    async def _step(self, items: list[Item]) -> None:
        try:
            await self._fetch(items)
        except StoreUnavailable:
            self._give_up(items)
            return
        step = Step(self.state.fork())
        for item in items:
            self._decide(step, item)
        if self._world.clock.monotonic() >= self._not_before:
            self._let_time_pass(step)
        self._behind |= step.voted
        self._tally(step)
        batch = step.batch(self.state)
        if batch is not None:
            try:
                await self._world.store.commit(batch)
            except StoreUnavailable as error:
                logger.warning("nothing was written: %s", error, extra={"session": self.slug})
                self._give_up(items)
                return
        self._make_true(step)

    async def _fetch(self, items: list[Item]) -> None:
        """Bring into the window what these commands speak of."""
        store = self._world.store
        missing: set[MessageId] = set()
        for item in items:
            if isinstance(item.command, EraseParticipant):
                messages, contents = await store.find_authored(self.id, item.command.participant_id)
                named = {each.content_id for each in messages}
                hydrate(self.state, messages, [each for each in contents if each.id in named])
                item.command = EraseParticipant(
                    item.command.participant_id, tuple(each.id for each in contents)
                )
            else:
                missing.update(messages_in_command(self.state, item.command))
        missing = {each for each in missing if each not in self.state.messages}
        if missing:
            hydrate(self.state, *await store.find_messages(self.id, sorted(missing)))

    def _decide(self, step: Step, item: Item) -> None:
        actor = None if item.by is None else step.draft.participants.get(item.by)
        context = self._context(item.screening)
        try:
            outcome = decide(step.draft, actor, item.command, context)
        except Exception as error:
            logger.exception("deciding failed", extra={"session": self.slug})
            item.fail(error)
            return
        if isinstance(outcome, Refusal):
            step.refuse(item, outcome)
        else:
            step.answer(item, outcome, step.take(outcome, context))

    def _let_time_pass(self, step: Step) -> None:
        context = self._context()
        lapsed = decide(step.draft, None, Lapse(), context)
        if not isinstance(lapsed, Refusal):
            step.take(lapsed, context)

    def _tally(self, step: Step) -> None:
        """Show what was counted, at most every ``tally_every_s`` a question; at the end all."""
        now_s = self._world.clock.monotonic()
        for question_id in list(self._behind):
            due_s = self._tallied_at.get(question_id, 0.0) + self._settings.tally_every_s
            if self._closing or now_s >= due_s:
                step.counted.append(question_id)
                tallied = tally(step.draft, question_id)
                if tallied is not None:
                    step.take(Decided((tallied,)), self._context())
                    self._tallied_at[question_id] = now_s

    def _make_true(self, step: Step) -> None:
        """Without a pause: state, log and keys, then listeners, then those who wait."""
        self.state.absorb(step.draft)
        self._log.extend(step.events, self._world.clock.now())
        for key, remembered in step.remembered():
            self._keys.remember(key.participant_id, key.command_id, remembered)
        self._behind.difference_update(step.counted)
        if step.events or step.reactions:
            self._tell(
                Committed(
                    events=tuple(step.events),
                    head=self.state.head,
                    audience=frozenset(step.audience),
                    tallies=bool(step.reactions),
                )
            )
        for item, outcome in step.outcomes:
            item.settle(outcome)
        trim(self.state, self._settings.window)

    def _tell(self, committed: Committed) -> None:
        for listener in list(self._listeners):
            try:
                listener(committed)
            except Exception:
                logger.exception("a listener failed", extra={"session": self.slug})

    def _give_up(self, items: list[Item]) -> None:
        self._not_before = self._world.clock.monotonic() + self._settings.retry_after_s
        for item in items:
            item.settle(self._overloaded("The database does not answer; try again."))
