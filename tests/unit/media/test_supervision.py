"""What the server's own process has of the video path."""

import subprocess
import sys


def test_the_servers_own_process_does_not_load_the_webrtc_stack() -> None:
    program = "import sys, live.media; print({'aiortc', 'av', 'aioice'} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "set()"
