"""What a server did to files and sockets, in the order in which the kernel saw it (strace)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

WAL = "causerie.sqlite-wal"
_CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<arguments>.*)")
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>.*= 0")
_SYNCS = frozenset({"fsync", "fdatasync"})
_SENDS = frozenset({"write", "writev", "sendto", "sendmsg"})

Act = Literal["write", "sync", "send"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call, as far as it matters: what was written into the log, a sync of the log that has
    come back, or what went out on a socket. ``began`` and ``ended`` are lines of the trace."""

    act: Act
    began: int
    ended: int
    text: str = ""


def tracing(to: Path) -> tuple[str, ...]:
    """The beginning of a command line under which a program's calls are written down."""
    calls = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"
    shown = ("-y", "-s", "70000", "-e", f"trace={calls}", "-e", "signal=none")
    return ("strace", "-f", "-I2", "--seccomp-bpf", "-qq", *shown, "-o", str(to))


def steps(trace: str) -> Iterator[Step]:
    """The steps of a trace by the line on which they ended."""
    syncing: dict[str, int] = {}
    for number, line in enumerate(trace.splitlines()):
        if (resumed := _RESUMED.match(line)) is not None:
            began = syncing.pop(resumed["thread"], None)
            if began is not None and resumed["name"] in _SYNCS:
                yield Step("sync", began, number)
            continue
        call = _CALL.match(line)
        if call is None:
            continue
        name, arguments = call["name"], call["arguments"]
        target = arguments.partition(",")[0]
        if name in _SYNCS and WAL in target:
            if "<unfinished" in arguments:
                syncing[call["thread"]] = number
            elif arguments.endswith("= 0"):
                yield Step("sync", number, number)
        elif name == "pwrite64" and WAL in target:
            yield Step("write", number, number, arguments)
        elif name in _SENDS and ("socket:" in target or "TCP:" in target):
            yield Step("send", number, number, arguments)


def told_too_early(trace: str, markers: list[str]) -> list[str]:
    """What is wrong with the way of each marker: it has to be written into the log, then a sync of
    the log has to begin and end, and only then may it go out on a socket."""
    made = list(steps(trace))
    faults = []
    for marker in markers:
        written = [step.began for step in made if step.act == "write" and marker in step.text]
        sent = [step.began for step in made if step.act == "send" and marker in step.text]
        if not written or not sent:
            faults.append(f"{marker}: {len(written)} writes, {len(sent)} sends")
        elif not any(
            step.act == "sync" and written[0] < step.began and step.ended < sent[0] for step in made
        ):
            faults.append(f"{marker}: written on line {written[0]}, sent on line {sent[0]}")
    return faults
