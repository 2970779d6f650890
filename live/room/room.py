"""One running session: what may be asked of it, and what everyone reads of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby, islice
from typing import Final

from live.domain.commands import PersonCommand, ServerAct
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.people import Participant
from live.domain.profile import vet_name
from live.domain.session_commands import Lapse
from live.ports.lease import Lease
from live.ports.store import Batch, IdempotencyKey, StoreUnavailable
from live.room.codec import decode_result
from live.room.crowd import FEW, Crowd
from live.room.keys import ID_REUSED, Done, KeyMemory, Remembered
from live.room.ledger import Ledger, Listener
from live.room.screening import Screener
from live.room.step import Item, Key, Outcome, Step
from live.room.surroundings import Surroundings
from live.room.writer import Writer

_LEARNED_TOGETHER: Final = 256
_KEYS_AT_ONCE: Final = 1_000
"""So many are read in one question, of however many people."""

Wrote = Callable[[Batch], None]


class Room:
    """One running session; ``Rooms`` makes and ends it.

    ``state`` is committed state: only to be read, and within one loop step. Commands of one
    participant are taken in the order of calls. If another writer moved the session on, the room
    stops (``stopped``) without having acked anything, and another one has to be asked for.
    """

    def __init__(
        self,
        ledger: Ledger,
        world: Surroundings,
        *,
        lease: Lease | None = None,
        wrote: Wrote | None = None,
        crowd: Crowd | None = None,
    ) -> None:
        self.crowd = crowd or Crowd()
        self.state = ledger.state
        self._ledger = ledger
        self._world = world
        self._wrote = wrote
        self._keys = KeyMemory(most_each=world.settings.remembered_keys)
        self._screener = Screener(world.gate, world.settings)
        self._at_gate = 0
        self._flying: dict[tuple[ParticipantId, str], Item] = {}
        self._learning: dict[ParticipantId, asyncio.Task[None]] = {}
        self._tails: dict[ParticipantId, asyncio.Future[None]] = {}
        self._writer = Writer(
            ledger.state, world, self._on_commit, lease, expects=lambda: self._at_gate > 0
        )

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
        return 0.0 if self._flying or self._writer.is_busy else self._ledger.unused_s

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

    def take(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
        told: Callable[[Outcome], None],
    ) -> bool:
        """As ``execute``, where nothing but the commit has to be waited for: ``told`` is called
        with the outcome, or with what went wrong while deciding, once, here or in a later loop
        step, and must not raise or block. False, and nothing is done, where ``execute`` is to be
        asked.

        A task for each command costs as much as deciding it.
        """
        key = (participant_id, command_id)
        if (
            participant_id in self._tails
            or key in self._flying
            or not self._keys.knows_all_of(participant_id)
            or self._keys.find(participant_id, command_id) is not None
        ):
            return False
        screening = None
        person = self.state.participants.get(participant_id)
        if person is not None and self._screener.needs(self.state, person, command):
            screening = self._screener.at_once(self.state, person, command)
            if screening is None:
                return False
        self._ledger.touch()
        if isinstance(screening, Refusal):
            told(screening)
            return True
        item = Item(command, participant_id, Key(*key, digest), screening)
        item.on_landed, item.told = self._land, told
        self._flying[key] = item
        self._writer.put(item)
        return True

    async def act(self, act: ServerAct, *, by: ParticipantId | None = None) -> Done | Refusal:
        """Do what the server itself has to: change of state, stage, standing, erasure. ``by`` is on
        whose behalf, if anyone's; who may is the caller's business."""
        self._ledger.touch()
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
        """See ``Ledger.listen``."""
        return self._ledger.listen(listener)

    @property
    def is_writer(self) -> bool:
        """Whether this process writes the session: always."""
        return True

    def follow(self, listener: Listener) -> None:
        """See ``Ledger.follow``."""
        self._ledger.follow(listener)

    async def recorded(self, after: int, limit: int) -> Sequence[Recorded]:
        """See ``Ledger.recorded``."""
        return await self._ledger.recorded(after, limit)

    async def past(self, after: int, limit: int) -> Sequence[Recorded]:
        """See ``Ledger.past``."""
        return await self._ledger.past(after, limit)

    async def history(self, after: int, limit: int) -> Sequence[Recorded] | None:
        """See ``Ledger.history``."""
        return await self._ledger.history(after, limit)

    # --- the end

    async def close(self, *, patience_s: float = 2.0) -> None:
        """Finish what was taken, refuse the rest. Idempotent. What the store does not take within
        ``patience_s`` is given up: it was not acked."""
        await self._writer.close(patience_s)

    # --- on the way to the writer

    async def _enter(self, item: Item, key: Key, command: PersonCommand) -> None:
        """Look for the key, ask the gate, and join the queue behind the same person's earlier
        commands, however long the gate took over those."""
        self._ledger.touch()
        person_id = key.participant_id
        earlier = self._tails.get(person_id)
        person = self.state.participants.get(person_id)
        asks = person is not None and self._screener.needs(self.state, person, command)
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
                known = await self._recall(key)
            except StoreUnavailable:
                return self._world.overloaded("The database does not answer; try again.")
            if known is not None and (known.done.seq or 0) > self.head:
                return self._world.overloaded("This session is being moved; try again.")
            if known is not None:
                return known.answer(key.digest)
        if author is None:
            return None
        # Before a large audience lines come in waves: the writer waits for the last of one.
        in_company = self.crowd.present >= FEW
        self._at_gate += in_company
        try:
            screening = await self._screener.screen(self.state, author, command)
        finally:
            self._at_gate -= in_company
            if not self._at_gate:
                self._writer.expect_no_more()
        if isinstance(screening, Refusal):
            return screening
        item.screening = screening
        return None

    async def _recall(self, key: Key) -> Remembered | None:
        """What came of a command before this room was opened. Raises ``StoreUnavailable``."""
        person_id = key.participant_id
        if self._keys.wants_all_of(person_id):
            await asyncio.shield(self._learning.get(person_id) or self._begin_to_learn(person_id))
        if self._keys.knows_all_of(person_id):
            return self._keys.find(person_id, key.command_id)
        known = await self._world.store.find_key(self.id, person_id, key.command_id)
        return None if known is None else _remembered(known)

    def _begin_to_learn(self, person_id: ParticipantId) -> asyncio.Task[None]:
        """Look up someone's commands and, in the same question, those of others who are here: they
        will say something too."""
        others = (
            each
            for each in self.crowd.people()
            if each != person_id and each not in self._learning and self._keys.wants_all_of(each)
        )
        people = [person_id, *islice(others, _LEARNED_TOGETHER - 1)]
        learning = asyncio.create_task(self._learn(people), name="learn-keys")
        self._learning |= dict.fromkeys(people, learning)
        learning.add_done_callback(lambda done: self._learned(people, done))
        return learning

    async def _learn(self, people: list[ParticipantId]) -> None:
        found = await self._find_keys(people)
        for each, known in found.items():
            self._keys.learn(each, known)
        person_id = people[0]
        if person_id not in found:  # the others' filled the answer
            self._keys.learn(person_id, (await self._find_keys([person_id])).get(person_id))

    async def _find_keys(
        self, people: list[ParticipantId]
    ) -> dict[ParticipantId, dict[str, Remembered] | None]:
        """What these people asked for, of those of whom it was told in full; None for who asked for
        more than is remembered."""
        most = self._world.settings.remembered_keys
        limit = max(most, _KEYS_AT_ONCE) + 1
        keys = await self._world.store.find_keys(self.id, people, limit=limit)
        found: dict[ParticipantId, dict[str, Remembered] | None] = {}
        for person_id, of_one in groupby(keys, key=lambda each: each.participant_id):
            known = {each.command_id: _remembered(each) for each in of_one}
            found[person_id] = known if len(known) <= most else None
        if len(keys) == limit:
            del found[keys[-1].participant_id]
            return found
        return {each: found.get(each, {}) for each in people}

    def _learned(self, people: list[ParticipantId], learning: asyncio.Task[None]) -> None:
        for each in people:
            del self._learning[each]
        if not learning.cancelled():
            learning.exception()  # told to those who wait for it

    def _land(self, item: Item) -> None:
        if item.key is not None:
            self._flying.pop((item.key.participant_id, item.key.command_id), None)

    # --- what a commit brings

    def _on_commit(self, step: Step) -> None:
        for key, remembered in step.remembered():
            self._keys.remember(key.participant_id, key.command_id, remembered)
        if self._wrote is not None and step.written is not None:
            self._wrote(step.written)
        self._ledger.tell(step.events, tallies=bool(step.reactions))


def _remembered(key: IdempotencyKey) -> Remembered:
    return Remembered(key.digest, Done(key.seq, decode_result(key.result)))
