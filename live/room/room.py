"""One running session: what may be asked of it, and what everyone reads of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live.domain.commands import Lapse, PersonCommand, ServerAct
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.people import Participant
from live.domain.profile import vet_name
from live.domain.state import RoomState
from live.ports.store import StoreUnavailable
from live.room.codec import decode_result, recorded
from live.room.keys import ID_REUSED, Done, KeyMemory, Remembered
from live.room.log import EventLog
from live.room.records import add_contents, hydrate
from live.room.references import contents_in_events, messages_in_events
from live.room.screening import Screener
from live.room.step import Item, Key, Step
from live.room.writer import Surroundings, Writer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """What one batch made true. ``events`` may be empty (taps only: ``tallies``). ``audience`` are
    the participants whose role, segment or language changed: they need a new snapshot."""

    events: tuple[Recorded, ...]
    head: int
    audience: frozenset[ParticipantId]
    tallies: bool


Listener = Callable[[Committed], None]


class Room:
    """One running session; ``Rooms`` makes and ends it.

    ``state`` is committed state: only to be read, and within one loop step. Commands of one
    participant are taken in the order of calls. If another writer moved the session on, the room
    stops (``stopped``) without having acked anything, and another one has to be asked for.
    """

    def __init__(self, state: RoomState, world: Surroundings) -> None:
        self.state = state
        self._world = world
        settings = world.settings
        self._log = EventLog(
            state.head,
            least=settings.resume_events,
            young_s=settings.resume_s,
            most=settings.remembered_events,
        )
        self._keys = KeyMemory(most_each=settings.remembered_keys)
        self._screener = Screener(world.gate, settings)
        self._flying: dict[tuple[ParticipantId, str], Item] = {}
        self._tails: dict[ParticipantId, asyncio.Future[None]] = {}
        self._listeners: list[Listener] = []
        self._used_at = world.clock.monotonic()
        self._writer = Writer(state, world, self._on_commit)

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
    def stopped(self) -> asyncio.Event:
        """Set once nothing more will happen here."""
        return self._writer.stopped

    @property
    def is_open(self) -> bool:
        """Whether it takes commands."""
        return self._writer.is_open

    @property
    def idle_s(self) -> float:
        """For how long nobody has asked anything or listened; 0 while somebody does."""
        if self._listeners or self._flying or self._writer.is_busy:
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
            return await flying.landed()
        key = Key(participant_id, command_id, digest)
        item = Item(command, participant_id, key, on_landed=self._land)
        self._flying[participant_id, command_id] = item
        try:
            await self._enter(item, key, command)
        except BaseException:
            item.settle(self._world.overloaded("The command was interrupted; try again."))
            raise
        return await item.landed()

    async def act(self, act: ServerAct, *, by: ParticipantId | None = None) -> Done | Refusal:
        """Do what the server itself has to: change of state, stage, standing, erasure. ``by`` is on
        whose behalf, if anyone's; who may is the caller's business."""
        self._used_at = self._world.clock.monotonic()
        item = Item(act, by)
        self._writer.put(item)
        return await item.landed()

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
        return vet_name(self.state, participant, name, self._world.context())

    async def settle(self) -> None:
        """Bring about what time alone brings (claims and sanctions lapse, tallies). The room's own
        timer does it too; who owns the clock calls it."""
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
        serve instead: too far back, or ahead of this log. All that they refer to is in ``state``
        until the next loop step. Raises ``StoreUnavailable``."""
        self._used_at = self._world.clock.monotonic()
        if not 0 <= after <= self.head:
            return None
        events: Sequence[Recorded] | None = self._log.after(after, limit)
        if events is None:
            events = await self._older(after, limit)
            if events is None:
                return None
        await self._fetch(events)
        return events

    async def _fetch(self, events: Sequence[Recorded]) -> None:
        """Bring what these events speak of into ``state``. While the store is asked, others may
        leave the window: so it is asked until all are there."""
        store, state = self._world.store, self.state
        texts = [each for each in contents_in_events(events) if each not in state.contents]
        if texts:
            add_contents(state, await store.find_contents(self.id, texts))
        while missing := [e for e in messages_in_events(events) if e not in state.messages]:
            messages, contents = await store.find_messages(self.id, missing)
            hydrate(state, messages, contents)
            if not messages:
                break

    async def _older(self, after: int, limit: int) -> Sequence[Recorded] | None:
        settings = self._world.settings
        too_many = self.head - after > settings.resume_events
        found = await self._world.store.events(self.id, after=after, limit=limit)
        if not found:
            return None
        age_s = (self._world.clock.now() - found[0].at).total_seconds()
        if too_many and age_s > settings.resume_s:
            return None
        return [recorded(each) for each in found]

    # --- the end

    async def close(self, *, patience_s: float = 2.0) -> None:
        """Finish what was taken, refuse the rest. Idempotent. What the store does not take within
        ``patience_s`` is given up: it was not acked."""
        await self._writer.close(patience_s)

    # --- on the way to the writer

    async def _enter(self, item: Item, key: Key, command: PersonCommand) -> None:
        """Look for the key, ask the gate, and join the queue behind the same person's earlier
        commands, however long the gate took over those."""
        self._used_at = self._world.clock.monotonic()
        person_id = key.participant_id
        earlier = self._tails.get(person_id)
        person = self.state.participants.get(person_id)
        asks = person is not None and self._screener.needs(person, command)
        if earlier is None and not asks and self._keys.knows_all_of(person_id):
            self._writer.put(item)
            return
        tail = asyncio.get_running_loop().create_future()
        self._tails[person_id] = tail
        try:
            outcome = await self._prepare(item, key, person if asks else None, command)
            if earlier is not None:
                await asyncio.wait([earlier])
            if outcome is None:
                self._writer.put(item)
            else:
                item.settle(outcome)
        finally:
            tail.set_result(None)
            if self._tails.get(person_id) is tail:
                del self._tails[person_id]

    async def _prepare(
        self, item: Item, key: Key, author: Participant | None, command: PersonCommand
    ) -> Done | Refusal | None:
        """An outcome where the writer is not needed; otherwise the item has its screening."""
        if not self._keys.knows_all_of(key.participant_id):
            try:
                known = await self._world.store.find_key(
                    self.id, key.participant_id, key.command_id
                )
            except StoreUnavailable:
                return self._world.overloaded("The database does not answer; try again.")
            if known is not None and (known.seq or 0) > self.head:
                return self._world.overloaded("This session is being moved; try again.")
            if known is not None:
                done = Done(known.seq, decode_result(known.result))
                return Remembered(known.digest, done).answer(key.digest)
        if author is None:
            return None
        screening = await self._screener.screen(self.state, author, command)
        if isinstance(screening, Refusal):
            return screening
        item.screening = screening
        return None

    def _land(self, item: Item) -> None:
        if item.key is not None:
            self._flying.pop((item.key.participant_id, item.key.command_id), None)

    # --- what a commit brings

    def _on_commit(self, step: Step) -> None:
        self._log.extend(step.events, self._world.clock.now())
        for key, remembered in step.remembered():
            self._keys.remember(key.participant_id, key.command_id, remembered)
        if not step.events and not step.reactions:
            return
        committed = Committed(
            events=tuple(step.events),
            head=self.state.head,
            audience=frozenset(step.audience),
            tallies=bool(step.reactions),
        )
        for listener in list(self._listeners):
            try:
                listener(committed)
            except Exception:
                logger.exception("a listener failed", extra={"session": self.slug})
