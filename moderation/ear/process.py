"""The ear's process: phases and models behind a socket pair. Run by ``HostedEar``, never by hand.

``python -m moderation.ear.process FD FOLDER``: FD is the inherited end of the pair, FOLDER where
what is learned is kept. It answers calls one after the other; while none waits it carries on with
what takes longer. When the other end closes, for whatever reason, it ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from moderation.adapters.language import FastTextLanguages
from moderation.ear import calls
from moderation.ear.embedding import SentenceEncoder
from moderation.ear.keeping import Keeping
from moderation.ear.models import LearnedModels
from moderation.ear.ports import Example, Learned
from moderation.policy.judge import Case, Judge
from moderation.policy.watch import Watch
from moderation.policy.wordlists import WordLists

log = logging.getLogger(__name__)

REPLAY_STEPS: Final = 8
"""Of an unlearning, between two looks at what waits: some milliseconds."""
TUNING_STEPS: Final = 4
"""Of reading edited sentences, likewise."""
IDLE_S: Final = 0.5
TOGETHER_S: Final = 0.01
"""Answers that are ready within this time are sent together."""
KEEP_EVERY_S: Final = 10.0
NICE: Final = 5
"""Where both want the same core the server has three parts of four: a moment that it is late keeps
every client waiting, while a line has a tenth of a second to be judged."""


class Ear:
    """Everything that judges, and the calls it answers."""

    def __init__(self, folder: Path) -> None:
        self._keeping = Keeping(folder)
        self._models = LearnedModels()
        self._watch = Watch()
        languages, lists = FastTextLanguages(), WordLists()
        self._judge = Judge(languages, lists, watch=self._watch, models=self._models)
        self._encoder: SentenceEncoder | None = None
        self._ready = False
        self._failed_to_load = False
        self._learned = self._remember()
        self._kept_at = time.monotonic()
        self._forgetting = False
        """Somebody was erased, and what is on disk still knows them."""

    def load(self) -> None:
        """Read the weights: seconds, meant for a thread of its own."""
        try:
            self._encoder = SentenceEncoder()
        except Exception:
            log.exception("The embedding cannot be loaded; the ear judges by words")
            self._failed_to_load = True

    def take_up(self) -> None:
        """Judge by meaning as soon as the weights are there."""
        if not self._ready and self._encoder is not None:
            self._models.use(self._encoder)
            self._ready = True

    def expect(self, cases: Sequence[Case]) -> None:
        """These are about to be answered: what is cheaper for all of them together is done now."""
        self._judge.expect(cases)

    def answer(self, call: calls.Body) -> calls.Body:
        """Carry out a call; a bug in it is told as ``NotNow`` and changes nothing else."""
        try:
            return self._answer(call)
        except Exception:
            log.exception("A call failed", extra={"call": type(call).__name__})
            return calls.NotNow()

    def _answer(self, call: calls.Body) -> calls.Body:
        match call:
            case Case():
                return self._judge.judge(call)
            case calls.Tell(text):
                return self._models.hear(text).hints
            case calls.Compare(question, among):
                return calls.Proposed(self._models.alike(question, among))
            case Example() | calls.Unlearn() | calls.Forget() | calls.Reset():
                self._keeping.note(call)
                self._learned = self._learn(call)
                self._forgetting |= isinstance(call, calls.Forget | calls.Reset)
                return self._learned
            case calls.AskAuthors():
                return calls.Authors(self._models.authors())
            case calls.Sentences():
                return self._take(call)
            case calls.Export():
                return calls.Exported(self._models.dump())
            case calls.AskState():
                return self._state()
            case _:
                return calls.NotNow()

    def carry_on(self) -> bool:
        """A little of what takes longer; whether there is more."""
        if self._learned.replaying:
            self._learned = self._models.replay(REPLAY_STEPS)
            return self._learned.replaying
        if self._models.tune(TUNING_STEPS):
            return True
        rested = time.monotonic() - self._kept_at > KEEP_EVERY_S
        if self._keeping.due and (rested or self._forgetting):
            self.keep()
        return False

    def keep(self) -> None:
        """Write what is learned. While a decision is being unlearned, the journal has to do."""
        self._kept_at = time.monotonic()
        if not self._learned.replaying:
            self._keeping.keep(self._models.dump())
            self._forgetting = False

    def close(self) -> None:
        """Leave the files to whoever comes next, as they are."""
        self._keeping.close()

    def _take(self, sentences: calls.Sentences) -> calls.Done:
        try:
            self._models.prototypes(sentences.segments, sentences.topics)
        except ValueError:
            return calls.Done(ok=False)
        return calls.Done(ok=True)

    def _learn(self, lesson: calls.Lesson) -> Learned:
        match lesson:
            case Example():
                return self._models.learn(lesson)
            case calls.Unlearn(decision_ids):
                return self._models.unlearn(decision_ids)
            case calls.Forget(author_id):
                return self._models.forget(author_id)
            case calls.Reset():
                return self._models.reset()

    def _remember(self) -> Learned:
        learned = Learned(decisions=0, replaying=False)
        state = self._keeping.state()
        if state is not None:
            try:
                learned = self._models.load(state)
            except (ValueError, msgspec.MsgspecError):
                self._keeping.set_aside()
        for lesson in self._keeping.lessons():
            learned = self._learn(lesson)
        return learned

    def _state(self) -> calls.State:
        resting = ("phase_failing",) if self._watch.resting else ()
        missing = ("embedding_missing",) if self._failed_to_load else ()
        return calls.State(
            ready=self._ready,
            learned=self._learned,
            trouble=(*self._keeping.trouble, *resting, *missing),
            skipped=dict(self._watch.skipped),
            rss_mb=_resident_mb(),
        )


def serve(fd: int, folder: Path) -> None:
    """Answer calls until the other side is gone."""
    ear = Ear(folder)
    threading.Thread(target=ear.load, name="load", daemon=True).start()
    with socket.socket(fileno=fd) as line:
        incoming = bytearray()
        busy = False
        while True:
            readable, _, _ = select.select([line], [], [], 0 if busy else IDLE_S)
            ear.take_up()
            if not readable:
                busy = ear.carry_on()
                continue
            try:
                data = line.recv(1 << 16)
                incoming += data
                _answer(ear, line, calls.taken_from(incoming))
            except ConnectionError:
                break
            if not data:
                break
            busy = True  # where lines follow each other closely the line is seldom seen idle
    ear.keep()
    ear.close()


def _answer(ear: Ear, line: socket.socket, messages: Sequence[bytes]) -> None:
    """Answer calls in their order. What is answered within some milliseconds is sent at once: the
    server, which goes first, is woken once for it."""
    asked = [calls.unpack(each) for each in messages]
    ear.expect([call for parcel, call in asked if isinstance(call, Case) and not _is_late(parcel)])
    answers = bytearray()
    sent_at = time.monotonic()
    for parcel, call in asked:
        answer = calls.NotNow() if _is_late(parcel) else ear.answer(call)
        answers += calls.pack(parcel.id, answer)
        if time.monotonic() - sent_at > TOGETHER_S:
            line.sendall(answers)
            answers.clear()
            sent_at = time.monotonic()
    line.sendall(answers)


def _is_late(parcel: calls.Parcel) -> bool:
    """Whether nobody waits for the answer any more."""
    return 0 < parcel.by < time.monotonic()


def _resident_mb() -> float:
    """Memory of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _go_second() -> None:
    """Leave the server the larger part of a core that both want."""
    os.nice(NICE)
    # Linux may share out its time by sessions first, and this process has one of its own: then
    # only the session's own nice value counts. Without the file it does not.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def main() -> None:
    """Serve; a terminal's Ctrl-C is for the server, which then closes the pair."""
    logging.basicConfig(level=logging.WARNING, format="ear: %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _go_second()
    serve(int(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
