"""Several server processes on one port, kept running by a small parent.

The parent has the port and forks; it serves nothing itself, so that it has no threads to copy and
nothing to crash with. The first worker starts alone: what is wrong with the settings is told once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NoReturn

import click

from app import logs
from app.keys import Keys
from app.server import Companion, Running, serve_on
from app.setting import SettingError
from app.settings import Settings

WRONG: Final = 2
AGAIN_S: Final = 1.0
"""A worker that ended is started again after so long."""

STOP_S: Final = 10.0
"""Who has not stopped by then is killed."""

_STARTED: Final = signal.SIGUSR1
_SIGNALS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, _STARTED}

log = logs.get("causerie.workers")


def run_workers(
    settings: Settings, keys: Keys, listener: socket.socket, companion: Companion
) -> int:
    """Serve with ``settings.workers`` processes until SIGINT or SIGTERM; the exit code.

    ``companion`` runs beside the first worker's first start. What a worker finds wrong it tells
    itself, and the code is 2.
    """
    logs.configure()
    # Whoever holds the writing end lives: a parent that is killed takes its workers along.
    alive, holding = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        return _Parent(settings, keys, companion, _Inherited(listener, alive, holding)).run()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(alive)
        os.close(holding)


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What a worker has from its parent."""

    listener: socket.socket
    alive: int
    holding: int


class _Parent:
    def __init__(
        self, settings: Settings, keys: Keys, companion: Companion, inherited: _Inherited
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._companion: Companion | None = companion
        self._inherited = inherited
        self._workers: dict[int, int] = {}
        self._due: dict[int, float] = {0: 0.0}
        self._stopping = False
        self._code = 0

    def run(self) -> int:
        """Start, watch, start again; then stop all."""
        deadline = float("inf")
        while self._workers or not self._stopping:
            if not self._stopping:
                self._start_due()
            found = signal.sigtimedwait(_SIGNALS, self._nap_s(deadline))
            number = None if found is None else found.si_signo
            if number == _STARTED:
                self._start_the_others()
            elif number in (signal.SIGINT, signal.SIGTERM):
                # A second signal is passed on too: then nobody waits for anyone.
                deadline = self._stop()
            self._reap()
            if self._code and not self._stopping:
                deadline = self._stop()
            if time.monotonic() > deadline:
                self._signal(signal.SIGKILL)
        return self._code

    def _nap_s(self, deadline: float) -> float:
        due = [deadline, time.monotonic() + STOP_S]
        if not self._stopping:
            due += self._due.values()
        return max(0.0, min(due) - time.monotonic())

    def _start_due(self) -> None:
        for index in [each for each, at in self._due.items() if at <= time.monotonic()]:
            del self._due[index]
            companion, self._companion = self._companion, None
            self._workers[self._fork(index, companion)] = index

    def _start_the_others(self) -> None:
        running = {*self._workers.values(), *self._due}
        self._due |= {n: 0.0 for n in range(self._settings.workers) if n not in running}

    def _stop(self) -> float:
        self._stopping = True
        self._signal(signal.SIGTERM)
        return time.monotonic() + STOP_S

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, number)

    def _reap(self) -> None:
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            index = self._workers.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if code == WRONG:
                self._code = WRONG
            elif not self._stopping:
                log.warning("A worker ended and is started again", worker=index, code=code)
                self._due[index] = time.monotonic() + AGAIN_S

    def _fork(self, index: int, companion: Companion | None) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)  # Ctrl-C is the parent's: it passes it on, once
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.close(self._inherited.holding)
            settings = _of_worker(self._settings, index)
            beside = _beside(self._inherited.alive, companion, lambda: os.kill(parent, _STARTED))
            _work(settings, self._keys, self._inherited.listener, beside)
        return pid


def _of_worker(settings: Settings, index: int) -> Settings:
    """Each worker's media processes have UDP ports of their own, counted from the one that was
    set.
    """
    port = settings.udp_ports[index * settings.media_workers] if settings.udp_port else 0
    tcp = settings.media_tcp_port
    tcp = tcp + index * settings.media_workers if tcp else tcp
    return replace(settings, workers=1, udp_port=port, media_tcp_port=tcp)


def _beside(alive: int, companion: Companion | None, started: Callable[[], None]) -> Companion:
    async def beside(running: Running) -> None:
        asyncio.get_running_loop().add_reader(alive, running.stop)
        started()
        if companion is not None:
            await companion(running)

    return beside


def _work(settings: Settings, keys: Keys, listener: socket.socket, beside: Companion) -> NoReturn:
    """Be a worker to the end of this process; what the parent has open is left alone."""
    code = 1
    try:
        serve_on(settings, keys, listener, beside)
        code = 0
    except SettingError as problem:
        click.echo(f"causerie: {problem}", err=True)
        code = WRONG
    except BaseException:
        log.exception("A worker failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
