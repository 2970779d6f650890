"""Programs that tests start: every wait has a deadline, nothing outlives its test."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal

from tests.support.patience import PATIENCE_S

Stream = Literal["stdout", "stderr"]

REPOSITORY = Path(__file__).parents[2]


class Program:
    """A started program whose lines can be waited for.

    Started through `run_program`, in a process group of its own: what it starts ends with it.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> None:
        self._changed = threading.Condition()
        self._lines: dict[Stream, list[str]] = {"stdout": [], "stderr": []}
        self._ended: set[Stream] = set()
        self.process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=("stdout", self.process.stdout)),
            threading.Thread(target=self._read, args=("stderr", self.process.stderr)),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def stdout(self) -> str:
        """All of its standard output so far."""
        return self._text("stdout")

    @property
    def stderr(self) -> str:
        """All of its standard error so far."""
        return self._text("stderr")

    def wait_for_line(
        self,
        wanted: Callable[[str], bool],
        *,
        stream: Stream = "stdout",
        within_s: float = PATIENCE_S,
    ) -> str:
        """The first line that is `wanted`, also one from before the call.

        Raises `AssertionError` with everything the program said when it ended or fell silent first.
        """

        def found() -> list[str]:
            return [line for line in self._lines[stream] if wanted(line)]

        with self._changed:
            self._changed.wait_for(lambda: found() or stream in self._ended, timeout=within_s)
            if lines := found():
                return lines[0]
            if stream in self._ended:  # what it said last to the other one may be on its way
                self._changed.wait_for(lambda: len(self._ended) == len(self._lines), PATIENCE_S)
        raise AssertionError(f"The line did not come within {within_s} s.\n{self.report()}")

    def send(self, signal_number: signal.Signals) -> None:
        """Sends a signal to the program alone, as a shell's kill does."""
        self.process.send_signal(signal_number)

    def wait(self, *, within_s: float) -> int:
        """Its exit code; `AssertionError` when it is still running after `within_s`."""
        try:
            code = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"Still running after {within_s} s.\n{self.report()}") from None
        for reader in self._readers:
            reader.join(within_s)
        return code

    def stop(self) -> None:
        """Ends the program and all it started: asks first, insists after ten seconds."""
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        with suppress(ProcessLookupError):  # all of the group ended by itself, as it should
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def report(self) -> str:
        """What the program said, for the message of a failing test."""
        return (
            f"exit code: {self.process.poll()}\n"
            f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
        )

    def _read(self, stream: Stream, pipe: IO[str]) -> None:
        for line in pipe:
            with self._changed:
                self._lines[stream].append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended.add(stream)
            self._changed.notify_all()

    def _text(self, stream: Stream) -> str:
        return "\n".join(self._lines[stream])


@contextmanager
def run_program(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path = REPOSITORY
) -> Iterator[Program]:
    """Runs a program for the length of the block."""
    program = Program(command, env=env, cwd=cwd)
    try:
        yield program
    finally:
        program.stop()


def causerie_command(*arguments: str) -> list[str]:
    """The command line of the `causerie` that is installed beside this Python."""
    return [str(Path(sys.executable).parent / "causerie"), *arguments]


def bare_environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """This process's environment without its own `CAUSERIE_…` settings, and with `settings`."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("CAUSERIE_")
    }
    return {**inherited, "CAUSERIE_DATA_DIR": str(data_dir), **settings}
