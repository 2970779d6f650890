"""One session's packager: it follows the stage as viewers do, and cuts in a thread of its own.

As with a recorder, the loop that forwards only puts packets on a list.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from live.media.codecs import Kind
from live.media.hls.cutting import SEGMENT_S, PictureCutter, Piece, SoundCutter
from live.media.hls.news import Rendition
from live.media.hls.sound import Mix, Voice
from live.media.recording.container import OPUS_RATE as RATE
from live.media.recording.frames import Frame
from live.media.recording.tap import Arrived, Tap
from live.media.recording.track import Track
from live.media.source import Source

log = logging.getLogger(__name__)

STEP_S: Final = 0.1
BACKLOG_MOST: Final = 4_000
"""Deliveries that wait for the thread; what comes then is left out."""

REPORTS_LIMIT_S: Final = 1.5
"""So long a stream waits for its publisher to say how its moments belong to those of others."""

LATE_S: Final = 0.5
"""A voice that comes later than so much after it was sent is left out."""

KEYFRAME_EVERY_S: Final = SEGMENT_S - 0.2
"""Less than a segment: until it comes, a moment passes."""

Made = Callable[[Rendition, Piece], None]


class _Inlet:
    """A stream on its way in; a `Taker`. Filled by the forwarder's loop, emptied by the thread."""

    def __init__(
        self, kind: Kind, source: Source, backlog: "deque[tuple[_Inlet, Arrived]]"
    ) -> None:
        self.kind = kind
        self.needs_keyframe = False
        self.track = Track(source.codec)
        self.voice = Voice() if kind == "audio" else None
        self.heard_until_s = 0.0
        self._backlog = backlog
        self._waiting: list[tuple[float, Frame]] = []
        self._since: float | None = None
        every_s = KEYFRAME_EVERY_S
        self.tap = Tap(kind, source, self, keyframe_every_s=every_s)

    def take(self, arrived: Arrived) -> None:
        """Leave it for the thread."""
        if len(self._backlog) < BACKLOG_MOST:
            self._backlog.append((self, arrived))

    def note(self, arrived: Arrived) -> None:
        """Make frames of it; in the thread."""
        frames = self.track.take(arrived)
        if frames and self._since is None:
            self._since = time.monotonic()
        self._waiting += frames
        self.needs_keyframe = self.kind == "video" and self.track.starved

    def ready(self) -> list[tuple[float, Frame]]:
        """The frames whose moments are known, or were waited for long enough."""
        waited = self._since is not None and time.monotonic() - self._since > REPORTS_LIMIT_S
        if not (self.track.reported or waited):
            return []
        frames, self._waiting = self._waiting, []
        return frames


class Packager:
    """Cuts one picture and everyone's sound until ``stop``. ``tell`` hears of pieces in the
    packager's own thread, and must return at once; ``over``, that it met a bug and ends.
    """

    def __init__(self, label: str, tell: Made, over: Callable[[], None]) -> None:
        self._tell = tell
        self._over = over
        self._backlog: deque[tuple[_Inlet, Arrived]] = deque()
        self._inlets: dict[Source, _Inlet] = {}
        self._mix: Mix | None = None
        self._picture: PictureCutter | None = None
        self._sound: SoundCutter | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"packager-{label}", daemon=True)
        self._thread.start()

    def follow(self, sources: Mapping[Source, Kind]) -> None:
        """Have these streams in it, and no others."""
        inlets = dict(self._inlets)
        for source in [each for each in inlets if each not in sources]:
            inlets.pop(source).tap.close()
        for source, kind in sources.items():
            if source not in inlets:
                inlets[source] = _Inlet(kind, source, self._backlog)
        self._inlets = inlets  # the thread walks through either the former or this one

    def stop(self) -> None:
        """Follow nobody any more and end. Returns at once; what is not told yet is let go."""
        self._stopping.set()
        self.follow({})

    def join(self, limit_s: float) -> None:
        """Wait for its end."""
        self._thread.join(limit_s)

    def _run(self) -> None:
        try:
            while not self._stopping.wait(STEP_S):
                self._step()
        except Exception:
            log.exception("a packager met a bug and ends")
            self._over()

    def _step(self) -> None:
        while self._backlog:
            inlet, arrived = self._backlog.popleft()
            inlet.note(arrived)
        frames = [
            (at, inlet, frame) for inlet in self._inlets.values() for at, frame in inlet.ready()
        ]
        frames.sort(key=lambda each: each[0])
        if self._mix is None:
            if not frames:
                return
            self._begin(frames[0][0])
        for at, inlet, frame in frames:
            self._put(at, inlet, frame)
        self._cut()

    def _begin(self, at_s: float) -> None:
        self._mix = mix = Mix(round(at_s * RATE))
        self._picture = PictureCutter(mix.form, at_s)
        self._sound = SoundCutter(mix.form, at_s)

    def _put(self, at: float, inlet: _Inlet, frame: Frame) -> None:
        if inlet.voice is None:
            if self._picture is not None:
                self._picture.add_picture(at, frame)
            return
        decoded = inlet.voice.decode(frame.data, at)
        if decoded is not None and self._mix is not None:
            begin, samples = decoded
            self._mix.add(begin, samples)
            inlet.heard_until_s = (begin + len(samples)) / RATE

    def _cut(self) -> None:
        mix, picture, sound = self._mix, self._picture, self._sound
        if mix is None or picture is None or sound is None or self._stopping.is_set():
            return
        encoded = mix.encode(self._known_until_s())
        picture.add_sound(encoded)
        sound.add_sound(encoded)
        for piece in picture.pieces(mix.until_s):
            self._tell("video", piece)
        for piece in sound.pieces():
            self._tell("sound", piece)

    def _known_until_s(self) -> float:
        """Until when no voice adds anything any more: one that falls behind is not waited for."""
        now = time.time()
        voices = [i.heard_until_s for i in self._inlets.values() if i.voice is not None]
        return max(min(voices, default=now - STEP_S), now - LATE_S)
