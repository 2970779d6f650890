"""The ear as the program runs it: the phases always, the models in a process of their own.

The process is started in the background and delays nothing. While it loads, is laden, or is gone,
lines are judged in a thread of this process by the phases that need no models; it is started again
when it ends or hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeVar

from live.ports.clock import Clock
from live.ports.gate import Candidate, Hints, Opinion
from moderation.adapters.language import FastTextLanguages
from moderation.ear import calls
from moderation.ear.child import EarAwayError, EarProcess
from moderation.ear.ear import EarStatus
from moderation.ear.laden import Laden
from moderation.ear.ports import Alike, Asked, Example, Learned
from moderation.policy.gate import Hook, PolicyGate
from moderation.policy.judge import Case, Judge, Verdict
from moderation.policy.watch import Watch
from moderation.policy.wordlists import WordLists

T = TypeVar("T", bound=calls.Body)
log = logging.getLogger(__name__)

JUDGE_LIMIT_S: Final = 0.1
"""For the process to judge a line; then the phases judge it here, within the room's deadline."""
CALL_LIMIT_S: Final = 10.0
USUAL_CHARS: Final = 120
"""So long a line takes 3 ms at the very worst, and 0.14 nearly always."""
PROBE_EVERY_S: Final = 2.0
EAGER_S: Final = 0.2
"""Between looks at a process that is not ready yet."""
HANGS_AFTER_S: Final = 15.0
BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between lives that end young, with up to a fifth of jitter."""
STABLE_AFTER_S: Final = 30.0
_NOTHING: Final = calls.State(
    ready=False, learned=Learned(0, replaying=False), trouble=(), skipped={}, rss_mb=0.0
)


class HostedEar:
    """``Ear`` over a process that ``run`` keeps alive; see there for what each call promises.

    ``folder`` is where it keeps what it learned. ``command`` replaces how the process is run (a
    file descriptor and the folder are appended); for tests.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        hook: Hook | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._command = tuple(command or (sys.executable, "-m", "moderation.ear.process"))
        self._hook = hook
        self._process: EarProcess | None = None
        self._state = _NOTHING
        self._sentences = calls.Sentences({}, {})
        """What segments and topics sound like, to be told again to the next process."""
        self._has_ended = False
        self._watch = Watch()
        self._laden = Laden()
        self._skipped: Counter[str] = Counter()
        self._judge = Judge(FastTextLanguages(), WordLists(), watch=self._watch)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ear")
        self._gate = PolicyGate(clock, self, hook=hook)

    @property
    def pid(self) -> int | None:
        """The process of this moment, for those who measure or kill it."""
        return None if self._process is None else self._process.pid

    @property
    def status(self) -> EarStatus:
        state, resting = self._state, bool(self._watch.resting)
        trouble = dict.fromkeys(state.trouble)
        if resting:
            trouble["phase_failing"] = None
        if self._hook is not None and self._hook.failing:
            trouble["hook_failing"] = None
        skipped = Counter(state.skipped) + self._watch.skipped + self._skipped
        if self._hook is not None:
            skipped += Counter(hook=self._hook.skipped)
        return EarStatus(
            models=self._stage(),
            trouble=tuple(trouble),
            skipped=skipped,
            decisions=state.learned.decisions,
            replaying=state.learned.replaying,
            rss_mb=state.rss_mb,
        )

    def _stage(self) -> Literal["loading", "ready", "restarting"]:
        if self._process is not None and self._state.ready:
            return "ready"
        return "restarting" if self._has_ended else "loading"

    async def run(self) -> None:
        """Keep the process alive until cancelled; then let it keep what it knows, and end it."""
        died_young = 0
        try:
            while True:
                begun = self._clock.monotonic()
                await self._live()
                self._has_ended = True
                lasted = self._clock.monotonic() - begun
                died_young = 0 if lasted > STABLE_AFTER_S else died_young + 1
                pause_s = BACKOFF_S[min(died_young, len(BACKOFF_S) - 1)]
                log.warning("The ear's process ended; it is started again")
                await asyncio.sleep(pause_s * random.uniform(1.0, 1.2))  # noqa: S311 - jitter
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _live(self) -> None:
        """One life of the process, to its end."""
        try:
            process = await EarProcess.spawn(self._command, self._folder)
        except OSError:
            log.exception("The ear's process cannot be started")
            return
        self._process = process
        try:
            silent_s = 0.0
            retold = self._sentences == calls.Sentences({}, {})
            while silent_s < HANGS_AFTER_S:
                if await process.until_gone(PROBE_EVERY_S if self._state.ready else EAGER_S):
                    break
                try:
                    told = await process.call(calls.AskState(), PROBE_EVERY_S)
                except EarAwayError:
                    silent_s += PROBE_EVERY_S
                    continue
                silent_s = 0.0
                if isinstance(told, calls.State):
                    self._state = told
                if self._state.ready and not retold:
                    retold = await self._tell(self._sentences)
        finally:
            self._process = None
            self._state = _NOTHING
            await process.stop()

    async def review(self, candidate: Candidate) -> Opinion:
        return await self._gate.review(candidate)

    def at_once(self, candidate: Candidate) -> Opinion | None:
        return self._gate.at_once(candidate)

    def prompt(self, text: str) -> Callable[[Case], Verdict] | None:
        """``Judging``: where the process has no time for a line, or this one none to hand it over,
        a usual one is judged here."""
        if len(text) > USUAL_CHARS:
            return None
        if self._process is not None and self._state.ready:
            if self._process.has_time(JUDGE_LIMIT_S) and self._laden.admits():
                return None
            self._skipped["models"] += 1
        return self._judge.judge

    async def judge(self, case: Case) -> Verdict:
        """``Judging``: by the process where it answers in time, by the phases alone otherwise. A
        line of usual length at once, as handing it over would cost half of what judging it does,
        and lines that wait for a thread come to their deadline all together; a long one there."""
        if self._process is not None and self._state.ready:
            try:
                told = await self._process.judge(case, JUDGE_LIMIT_S)
            except EarAwayError:
                self._skipped["models"] += 1
            else:
                if isinstance(told, Verdict):
                    return told
        if len(case.candidate.text) <= USUAL_CHARS:
            return self._judge.judge(case)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._judge.judge, case)

    async def hints(self, text: str) -> Hints | None:
        return await self._ask(calls.Tell(text), Hints)

    async def similar(self, question: Asked, among: Sequence[Asked]) -> tuple[Alike, ...] | None:
        told = await self._ask(calls.Compare(question, tuple(among)), calls.Proposed)
        return None if told is None else told.alike

    async def learn(self, example: Example) -> Learned | None:
        return await self._teach(example)

    async def unlearn(self, decision_ids: Sequence[str]) -> Learned | None:
        return await self._teach(calls.Unlearn(tuple(decision_ids)))

    async def forget(self, author_id: str) -> Learned | None:
        return await self._teach(calls.Forget(author_id))

    async def reset(self) -> Learned | None:
        return await self._teach(calls.Reset())

    async def authors(self) -> tuple[str, ...] | None:
        told = await self._ask(calls.AskAuthors(), calls.Authors)
        return None if told is None else told.ids

    async def prototypes(
        self, segments: Mapping[str, Sequence[str]], topics: Mapping[str, Sequence[str]]
    ) -> bool:
        lists = ({key: tuple(said) for key, said in each.items()} for each in (segments, topics))
        return await self._tell(calls.Sentences(*lists))

    async def _tell(self, sentences: calls.Sentences) -> bool:
        told = await self._ask(sentences, calls.Done)
        if told is None or not told.ok:
            return False
        self._sentences = sentences
        return True

    async def export(self) -> bytes | None:
        told = await self._ask(calls.Export(), calls.Exported)
        return None if told is None else told.state

    async def _teach(self, lesson: calls.Lesson) -> Learned | None:
        """Lessons wait for the meaning of words: what is learned before is known by words alone."""
        if not self._state.ready:
            return None
        learned = await self._ask(lesson, Learned)
        if learned is not None:
            self._state = replace(self._state, learned=learned)
        return learned

    async def _ask(self, call: calls.Body, kind: type[T]) -> T | None:
        with contextlib.suppress(EarAwayError):
            return await self._call(call, kind, CALL_LIMIT_S)
        return None

    async def _call(self, call: calls.Body, kind: type[T], limit_s: float) -> T:
        process = self._process
        if process is None:
            raise EarAwayError
        told = await process.call(call, limit_s)
        if not isinstance(told, kind):
            raise EarAwayError
        return told
