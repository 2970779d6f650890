"""The real Janus, from Debian's package, as a distribution sets it up but for its ports."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_tcp_port

SECRET = "janus-api-secret-of-the-tests"
ADMIN_KEY = "janus-admin-key-of-the-tests"
PLUGINS = ("streaming", "videoroom")
FOLDER = Path("/usr/lib")


@dataclass
class Janus:
    """One server with its own configuration, which a test may kill and start again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once it takes connections."""
        program = shutil.which("janus")
        if program is None:
            raise RuntimeError("These tests need Janus: apt-get install janus")
        command = [program, "-F", str(self.folder), "-C", str(self.folder / "janus.jcfg"), "-N"]
        with (self.folder / "janus.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ}
            )
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "janus.log").read_text()[-2_000:])
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)

    def stop(self) -> None:
        """As a crash: at once, and nobody is told."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def running_janus(folder: Path) -> Iterator[Janus]:
    """A server that takes secrets, for the length of a `with` block."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_tcp_port()
    janus = Janus(folder, port)
    files = {
        "janus.jcfg": (
            f'general: {{ api_secret = "{SECRET}", debug_level = 3 }}\n'
            'media: { rtp_port_range = "33000-60000" }\n'
            f"plugins: {{ disable = {_all_but('plugins', PLUGINS)} }}\n"
            f"transports: {{ disable = {_all_but('transports', ('websockets',))} }}\n"
        ),
        "janus.transport.websockets.jcfg": (
            f'general: {{ ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}\n'
        ),
        "janus.plugin.videoroom.jcfg": (
            f'general: {{ admin_key = "{ADMIN_KEY}", lock_rtp_forward = true }}\n'
        ),
        "janus.plugin.streaming.jcfg": f'general: {{ admin_key = "{ADMIN_KEY}" }}\n',
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    try:
        janus.start()
        yield janus
    finally:
        janus.stop()


def _all_but(kind: str, wanted: tuple[str, ...]) -> str:
    """The loadable parts of Janus that a test does without."""
    found = sorted(path.name for path in FOLDER.glob(f"*/janus/{kind}/libjanus_*.so"))
    return '"' + ",".join(n for n in found if n[9:-3] not in wanted) + '"'
