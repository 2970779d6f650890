"""Playlists as text (RFC 8216bis)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Final

from live.media.hls.news import HlsHeader

TARGET_S: Final = 2
"""No segment is longer, rounded to whole seconds."""

PART_TARGET_S: Final = 0.55
HOLD_PARTS_S: Final = 1.65
"""How far from the newest a player of parts stays: three of them."""

LISTED: Final = 6
"""Segments in a playlist."""

LISTED_WITH_PARTS: Final = 3
"""Of the newest segments the parts are listed too (those of the last three targets)."""


@dataclass(slots=True)
class ListedPart:
    """A part that is there."""

    name: str
    duration_s: float
    independent: bool
    size: int


@dataclass(slots=True)
class Segment:
    """The ``number``-th segment; while it is not ``whole`` its parts alone are there."""

    number: int
    header: str
    start_s: float
    discontinuous: bool
    parts: list[ListedPart] = field(default_factory=list)
    name: str = ""
    whole: bool = False

    @property
    def duration_s(self) -> float:
        """Of all its parts."""
        return sum(part.duration_s for part in self.parts)

    @property
    def bitrate_bps(self) -> float:
        """Of all its parts."""
        return 8 * sum(part.size for part in self.parts) / max(self.duration_s, 0.001)


def media_playlist(
    segments: Sequence[Segment], *, prefix: str, discontinuities: int, hint: str, parts: bool
) -> str:
    """The newest segments; ``discontinuities`` counts those before the first of them, ``hint`` is
    the part that comes next.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:9", f"#EXT-X-TARGETDURATION:{TARGET_S}"]
    control = f"CAN-BLOCK-RELOAD=YES,HOLD-BACK={3 * TARGET_S}"
    if parts:
        control += f",PART-HOLD-BACK={HOLD_PARTS_S}"
        lines.append(f"#EXT-X-PART-INF:PART-TARGET={PART_TARGET_S}")
    lines += [
        f"#EXT-X-SERVER-CONTROL:{control}",
        f"#EXT-X-MEDIA-SEQUENCE:{segments[0].number}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuities}",
    ]
    header = None
    for place, segment in enumerate(segments):
        with_parts = parts and place >= len(segments) - LISTED_WITH_PARTS
        if not (segment.whole or with_parts):
            continue
        if segment.discontinuous and place > 0:
            lines.append("#EXT-X-DISCONTINUITY")
        if segment.header != header:
            header = segment.header
            lines.append(f'#EXT-X-MAP:URI="{prefix}{header}"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_moment(segment.start_s)}")
        if with_parts:
            lines += (_part(part, prefix) for part in segment.parts)
        if segment.whole:
            lines += [f"#EXTINF:{segment.duration_s:.5f},", prefix + segment.name]
    if parts:
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{prefix}{hint}"')
    return "\n".join([*lines, ""])


def index_playlist(ways: Sequence[tuple[str, HlsHeader, float]]) -> str:
    """The ways to watch, each with the name of its playlist and its bit rate."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:9"]
    for name, header, bitrate_bps in ways:
        told = [f"BANDWIDTH={ceil(bitrate_bps)}", f'CODECS="{header.codecs}"']
        if header.width:
            told.append(f"RESOLUTION={header.width}x{header.height}")
        lines += ["#EXT-X-STREAM-INF:" + ",".join(told), name]
    return "\n".join([*lines, ""])


def _part(part: ListedPart, prefix: str) -> str:
    independent = ",INDEPENDENT=YES" if part.independent else ""
    return f'#EXT-X-PART:DURATION={part.duration_s:.5f},URI="{prefix}{part.name}"{independent}'


def _moment(start_s: float) -> str:
    at = datetime.fromtimestamp(start_s, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
