"""Makes a recording that was cut off, or that is in fragments, one that can be sought in.

`python -m live.media.recording.finish PATH`: writes the file anew beside it, with its duration and
an index, then puts that in its place; the packets stay as they are. Prints one JSON line:
`{"state": "ready", "duration_ms", "size"}`, `{"state": "busy"}` while someone writes it,
`{"state": "empty"}` where nothing can be played.
"""

import contextlib
import fcntl
import json
import sys
from pathlib import Path
from typing import Any, Final

import av

_FORMS: Final = {".webm": ("webm", {}), ".mp4": ("mp4", {"movflags": "+faststart"})}


def finish(path: Path) -> dict[str, Any]:
    """See the module. Raises ``OSError`` where the disk refuses."""
    with path.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return {"state": "busy"}
        made = path.with_suffix(".finishing")
        try:
            whole_s = _whole(path)
            if whole_s is not None:
                return _ready(path, whole_s)
            duration_s = _copied(path, made)
        except (av.error.InvalidDataError, av.error.EOFError):
            duration_s = None
        if duration_s is None:
            made.unlink(missing_ok=True)
            return {"state": "empty"}
        made.chmod(0o600)
        made.replace(path)
    return _ready(path, duration_s)


def _ready(path: Path, duration_s: float) -> dict[str, Any]:
    return {"state": "ready", "duration_ms": int(duration_s * 1000), "size": path.stat().st_size}


def _whole(path: Path) -> float | None:
    """The duration of a WebM file that was closed in order: only then it tells one."""
    if path.suffix != ".webm":
        return None
    with av.open(str(path)) as source:
        return None if source.duration is None else source.duration / av.time_base


def _copied(path: Path, made: Path) -> float | None:
    """The duration of what could be copied; None for nothing."""
    form, options = _FORMS[path.suffix]
    end_s: float | None = None
    with av.open(str(path)) as source, av.open(str(made), "w", format=form, options=options) as out:
        streams = {
            stream.index: out.add_stream_from_template(stream, opaque=True)
            for stream in source.streams
        }
        # What a kill tore off in the middle is where the copy ends.
        with contextlib.suppress(av.error.InvalidDataError, av.error.EOFError):
            for packet in source.demux():
                if packet.dts is None or packet.time_base is None:
                    continue
                end_s = max(end_s or 0.0, float(packet.dts * packet.time_base))
                packet.stream = streams[packet.stream.index]
                out.mux_one(packet)
    return end_s


def main() -> None:
    """Finish the one file that is named."""
    sys.stdout.write(json.dumps(finish(Path(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
