"""The only one that changes a room: takes what is queued, decides, commits, makes it true.

While one batch is on its way to disk the next one gathers; so a quiet room answers in the time of
one commit and a busy one shares it. Where much comes it waits a little for more: a commit costs
nearly the same for ten messages as for one. Nothing is visible or acked before the commit returned.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from live.domain import balloting, voting
from live.domain.counting import forget_old
from live.domain.decide import decide
from live.domain.fact import Event
from live.domain.ids import MessageId, PollId, QuestionId
from live.domain.message_commands import PostMessage
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people_commands import EraseParticipant
from live.domain.polling import ends_of_polls
from live.domain.saving import turns_of_announcements
from live.domain.session_commands import AddReaction, Lapse
from live.domain.state import RoomState
from live.ports.lease import Lease
from live.ports.store import Batch, StaleWriter, StoreUnavailable
from live.room.acting import note_refusal
from live.room.recalling import recalled
from live.room.records import hydrate, trim
from live.room.references import messages_in_command
from live.room.step import Item, Step
from live.room.surroundings import Surroundings

logger = logging.getLogger(__name__)

_SHARING = 4.0
"""A busy room's steps begin so many times their own length apart, up to ``share_s``."""

_LONGEST_NAP_S = 30.0
"""After this time at most, a wall clock that was set forward is noticed."""


def _nobody() -> bool:
    return False


class Writer:
    """Runs in a task of its own from the first moment.

    ``on_commit`` is called with each step right after it became true in ``state``, before those who
    wait hear of it; it must not raise or block. ``stopped`` is set when nothing more will happen:
    after ``close``, or because another writer moved the session on. ``lease`` is what it writes
    under, where several nodes share the store. ``expects`` tells whether more are on their way, who
    will have come when ``expect_no_more`` is called.
    """

    def __init__(
        self,
        state: RoomState,
        world: Surroundings,
        on_commit: Callable[[Step], None],
        lease: Lease | None = None,
        *,
        expects: Callable[[], bool] = _nobody,
    ) -> None:
        self.stopped = asyncio.Event()
        self._state = state
        self._world = world
        self._settings = world.settings
        self._on_commit = on_commit
        self._lease = lease
        self._expects = expects
        self._queue: deque[Item] = deque()
        self._wake = asyncio.Event()
        # Whether something is queued that does not wait for company, and until when the rest does.
        self._presses = False
        self._gathers_until = 0.0
        # Until when a busy room waits for more, unless that is enough already.
        self._shares_until = 0.0
        self._enough = asyncio.Event()
        self._awaits = False
        # Tallies that may be behind their ballots; at the start any may be, after a crash.
        self._behind: set[QuestionId | PollId] = {*state.questions, *state.polls}
        self._tallied_at: dict[QuestionId | PollId, float] = {}
        self._not_before = world.clock.monotonic()
        # The batch of a commit that failed: it may have happened all the same.
        self._doubtful: Batch | None = None
        self._step_began_s: float | None = None
        self._closing = False
        self._task = asyncio.create_task(self._run(), name=f"writer-{state.session.slug}")

    @property
    def is_open(self) -> bool:
        return not self._closing and not self.stopped.is_set()

    @property
    def is_busy(self) -> bool:
        return bool(self._queue or self._behind or self._doubtful)

    @property
    def _is_overloaded(self) -> bool:
        settings = self._settings
        if len(self._queue) >= settings.queue_limit:
            return True
        began_s = self._step_began_s
        return began_s is not None and self._world.clock.monotonic() - began_s >= settings.stall_s

    def put(self, item: Item) -> None:
        """Queue a command; it is refused at once where it cannot be taken. What the server itself
        has to do is taken even when people ask too much."""
        if not self.is_open:
            item.settle(self._world.overloaded("This session is being moved; try again."))
        elif item.key is not None and self._is_overloaded:
            item.settle(self._world.overloaded("Too much at once; try again."))
        else:
            self._take(item)

    def _take(self, item: Item) -> None:
        if not isinstance(item.command, AddReaction):
            self._presses = True
        elif not self._queue:
            self._gathers_until = self._world.clock.monotonic() + self._settings.gather_s
        if self._presses or not self._queue:
            self._wake.set()
        self._queue.append(item)
        if len(self._queue) >= self._settings.batch_limit:
            self._enough.set()

    async def close(self, patience_s: float) -> None:
        """Finish what was taken. What the store does not take in time is given up, unacked."""
        self._closing = True
        self._wake.set()
        self._enough.set()
        _, late = await asyncio.wait([self._task], timeout=patience_s)
        if late:
            self._task.cancel()
            await asyncio.wait([self._task])

    # --- the loop

    async def _run(self) -> None:
        slug = self._state.session.slug
        items: list[Item] = []
        try:
            while self._queue or not self._closing:
                await self._wait()
                await self._share()
                count = min(len(self._queue), self._settings.batch_limit)
                items = [self._queue.popleft() for _ in range(count)]
                self._presses = bool(self._queue)
                await self._step(items)
            if self._behind:
                await self._step([])
        except StaleWriter:
            logger.warning("another writer has this session", extra={"session": slug})
        except Exception:
            logger.exception("the writer failed", extra={"session": slug})
        finally:
            self.stopped.set()
            for item in (*items, *self._queue):
                item.settle(self._world.overloaded("This session is being moved; try again."))
            self._queue.clear()

    async def _wait(self) -> None:
        """Until there is something to do."""
        while not (self._presses or self._closing):
            self._wake.clear()
            try:
                async with asyncio.timeout(self._nap_s()):
                    await self._wake.wait()
            except TimeoutError:
                break  # time is what was waited for

    def expect_no_more(self) -> None:
        """Nobody is on their way any more."""
        if self._awaits:
            self._enough.set()

    async def _share(self) -> None:
        """Let more come, where it did while the last step was on its way, or is about to."""
        rest_s = self._shares_until - self._world.clock.monotonic()
        self._awaits = self._expects()
        if self._awaits:
            rest_s = self._settings.share_s
        if rest_s > 0 and not self._enough.is_set():
            try:
                async with asyncio.timeout(rest_s):
                    await self._enough.wait()
            except TimeoutError:
                pass  # time is what was waited for
        self._awaits = False
        if not self._closing:
            self._enough.clear()

    def _nap_s(self) -> float:
        """Until the next tally or lapse is due, taps have gathered, or a doubt can be resolved."""
        monotonic_s = self._world.clock.monotonic()
        if self._doubtful is not None:
            return max(self._not_before - monotonic_s, 0.0)
        due = [_LONGEST_NAP_S]
        if self._queue:
            due.append(self._gathers_until - monotonic_s)
        if self._behind:
            oldest = min(self._tallied_at.get(each, 0.0) for each in self._behind)
            due.append(oldest + self._settings.tally_every_s - monotonic_s)
        ends = [claim.until for claim in self._state.claims.values()]
        ends += [each.until for each in self._state.sanctions.values() if each.until is not None]
        ends += ends_of_polls(self._state)
        ends += turns_of_announcements(self._state)
        if ends:
            due.append((min(ends) - self._world.clock.now()).total_seconds())
        return max(min(due), self._not_before - monotonic_s, 0.0)

    async def _step(self, items: list[Item]) -> None:
        began_s = self._step_began_s = self._world.clock.monotonic()
        try:
            await self._resolve_doubt()
            await self._fetch(items)
            step = self._decided(items)
            batch = step.batch(self._lease)
            if batch is not None:
                self._doubtful = batch
                await self._world.store.commit(batch)
                self._doubtful = None
        except StoreUnavailable as error:
            slug = self._state.session.slug
            logger.warning("nothing was written: %s", error, extra={"session": slug})
            self._give_up(items)
        else:
            self._make_true(step)
            if self._presses:
                took_s = self._world.clock.monotonic() - began_s
                self._shares_until = began_s + min(_SHARING * took_s, self._settings.share_s)
        finally:
            self._step_began_s = None

    async def _resolve_doubt(self) -> None:
        """Find out whether a commit that failed had happened: then this state is behind the store,
        and a fresh room has to go on. Raises ``StaleWriter`` in that case."""
        batch = self._doubtful
        if batch is None:
            return
        store, session_id = self._world.store, batch.session_id
        if batch.keys:
            key = batch.keys[0]
            found = await store.find_key(session_id, key.participant_id, key.command_id)
            happened = found is not None
        else:
            events = await store.events(session_id, after=batch.expected_head, limit=1)
            happened = bool(events)
        if happened:
            raise StaleWriter("a commit that was thought lost had happened")
        self._doubtful = None

    async def _fetch(self, items: list[Item]) -> None:
        """Bring into the window what these commands speak of."""
        store = self._world.store
        session_id = self._state.session.id
        missing: set[MessageId] = set()
        for item in items:
            command = item.command
            if isinstance(command, PostMessage) and command.reply_to is None:
                continue  # as nearly all are: it speaks of nothing else
            if isinstance(command, EraseParticipant):
                messages, contents = await store.find_authored(session_id, command.participant_id)
                named = {each.content_id for each in messages}
                hydrate(self._state, messages, [each for each in contents if each.id in named])
                owned = tuple(each.id for each in contents)
                item.command = EraseParticipant(command.participant_id, owned)
            else:
                item.recalled = await recalled(self._world.store, self._state, command)
                missing.update(messages_in_command(self._state, command, item.recalled))
        missing = {each for each in missing if each not in self._state.messages}
        if missing:
            found = await store.find_messages(session_id, sorted(missing))
            hydrate(self._state, *found)

    # --- one step

    def _decided(self, items: list[Item]) -> Step:
        step = Step(self._state)
        context = self._world.context()
        for item in items:
            self._decide(step, item, context)
        if self._world.clock.monotonic() >= self._not_before:
            lapsed = decide(step.draft, None, Lapse(), context)
            if isinstance(lapsed, Decided):
                step.take(lapsed, context)
        self._tally(step, context)
        return step

    def _decide(self, step: Step, item: Item, context: Context) -> None:
        actor = None if item.by is None else step.draft.participants.get(item.by)
        if item.screening is not None or item.recalled:
            context = context.about(item.screening, item.recalled)
        try:
            outcome = decide(step.draft, actor, item.command, context)
        except Exception as error:
            logger.exception("deciding failed", extra={"session": step.draft.session.slug})
            item.settle(error)
            return
        if isinstance(outcome, Refusal):
            step.refuse(item, outcome)
            note_refusal(step.draft, actor, item.command, outcome)
        else:
            seq = step.perform(actor, item.command, outcome, context)
            step.answer(item, outcome, seq)

    def _tally(self, step: Step, context: Context) -> None:
        """Show what was counted, at most every ``tally_every_s`` a question or poll; at the end
        all."""
        now_s = self._world.clock.monotonic()
        for counted_id in self._behind | step.voted:
            due_s = self._tallied_at.get(counted_id, 0.0) + self._settings.tally_every_s
            if now_s >= due_s or self._closing:
                step.counted[counted_id] = now_s
                tallied = _tally(step.draft, counted_id)
                if tallied is not None:
                    step.take(Decided((tallied,)), context)

    def _make_true(self, step: Step) -> None:
        """Without a pause: the state, then listeners, then those who wait."""
        self._state.absorb(step.draft)
        self._behind = (self._behind | step.voted) - step.counted.keys()
        self._tallied_at.update(step.counted)
        self._on_commit(step)
        for item, outcome in step.outcomes:
            item.settle(outcome)
        trim(self._state, self._settings.window)
        forget_old(self._state)

    def _give_up(self, items: list[Item]) -> None:
        """Refuse also what was refused: it was, because of things that did not happen."""
        self._not_before = self._world.clock.monotonic() + self._settings.retry_after_s
        for item in items:
            item.settle(self._world.overloaded("The database does not answer; try again."))


def _tally(state: RoomState, counted_id: QuestionId | PollId) -> Event | None:
    """What brings the shown tally of a question, or of a poll, up to what is true."""
    poll_id = PollId(counted_id)
    if poll_id in state.polls:
        return balloting.tally(state, poll_id)
    return voting.tally(state, QuestionId(counted_id))
