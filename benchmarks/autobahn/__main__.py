"""Autobahn|Testsuite's fuzzing client against our socket: ``python -m benchmarks.autobahn WSTEST``.

Both ways to read and to send are asked: see ``fuzz``.

``WSTEST`` is its command, from a Python 2.7 that has ``autobahntestsuite`` 0.8.2::

    python2.7 -m pip install autobahntestsuite==0.8.2

The exit status is 1 if a case failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.autobahn.echo import echoing
from live.gateway import accelerator
from live.gateway.intake import Intake
from live.gateway.volley import Volley
from live.room.crowd import FEW

CASES: Final = [f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)]
FINE: Final = frozenset({"OK", "NON-STRICT", "INFORMATIONAL"})
DEADLINE_S: Final = 900.0


async def fuzz(command: list[str], cases: list[str], folder: Path) -> None:
    """Let the fuzzing client write into ``folder`` what it thinks of the echoes: one in plain
    Python whose connections are read each by itself, and one as an audience has it, read in waves
    and sent to by C."""
    found, intake = accelerator.load(), Intake(lambda: FEW, session="autobahn")
    async with (
        echoing(Volley()) as plain,
        echoing(found.volley(), intake.listening) as together,
    ):
        ports = {"each by itself, in plain Python": plain, f"in waves, {found.reason}": together}
        spec = {
            "outdir": str(folder),
            "servers": [
                {"agent": name, "url": f"ws://127.0.0.1:{port}/"} for name, port in ports.items()
            ],
            "cases": cases,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        wish = folder / "fuzz.json"
        await asyncio.to_thread(wish.write_text, json.dumps(spec))
        fuzzing = await asyncio.create_subprocess_exec(
            *command, "-m", "fuzzingclient", "-s", str(wish), stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(DEADLINE_S):
            await fuzzing.wait()
    intake.stop()


def main() -> int:
    """Tell how many cases ended how, and each that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.autobahn")
    parser.add_argument("command", nargs="+", metavar="WSTEST")
    parser.add_argument("--cases", default=",".join(CASES), help="patterns, separated by commas")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(fuzz(options.command, options.cases.split(","), Path(folder)))
        index = json.loads(Path(folder, "index.json").read_text())
    failed = 0
    for agent, cases in sorted(index.items()):
        counts = Counter(case["behavior"] for case in cases.values())
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        sys.stdout.write(f"{agent}: {len(cases)} cases: {told}\n")
        for name, case in sorted(cases.items()):
            verdicts = {case["behavior"], case["behaviorClose"]}
            if not verdicts <= FINE:
                failed += 1
                sys.stdout.write(f"  {name}: {case['behavior']}, close {case['behaviorClose']}\n")
    return 1 if failed or len(index) != 2 else 0


if __name__ == "__main__":
    sys.exit(main())
