"""What a start loads, and when: seconds that everyone waits for after a crash."""

import subprocess
import sys

LATE = {"app.server", "fastapi", "uvicorn", "uvloop", "moderation"}
"""The port is bound before any of this is loaded."""

SELDOM = {"aiortc", "av", "aioice", "cryptography", "alembic", "httpx", "icalendar"}
"""Picture and sound have a process of their own; the others are loaded where they are wanted."""


def test_the_port_is_bound_before_most_is_loaded_and_the_webrtc_stack_never_is() -> None:
    program = (
        "import sys, app.cli, app.commands.serve\n"
        f"print({LATE} & set(sys.modules))\n"
        "import app.serving\n"
        f"print({SELDOM} & set(sys.modules))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["set()", "set()"]
