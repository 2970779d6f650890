"""The owner's accent colour, and what it takes to be seen on both of our papers.

Contrast is WCAG 2.2's ratio of relative luminances. A chosen colour must stand out from the light
paper as an edge does (3 : 1); what the dark theme shows, and what is used for words, is the same
colour moved just as far towards white or black as it takes.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from typing import Final

LIGHT_PAPER: Final = "#faf6f0"
DARK_PAPER: Final = "#14110f"
LIGHT_INKS: Final = ("#191512", "#ffffff", "#000000")
DARK_INKS: Final = ("#14110f", "#ffffff", "#000000")
EDGE_RATIO: Final = 3.0
TEXT_RATIO: Final = 4.5
STEPS: Final = 200

_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII)


class PoorContrast(Exception):
    """A colour cannot be seen on light paper; ``nearest`` is the closest of its hue that can."""

    def __init__(self, colour: str, nearest: str) -> None:
        super().__init__(f"{colour} is too faint on a light page; {nearest} would do.")
        self.nearest = nearest


class NotAColour(Exception):
    """The text is not of the form ``#rrggbb``."""


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent on light and on dark pages: the fill, the ink on it, and the colour for words."""

    chosen: str
    dark: str
    light_ink: str
    dark_ink: str
    light_text: str
    dark_text: str

    @property
    def light(self) -> str:
        return self.chosen

    @classmethod
    def of(cls, text: str) -> Accent:
        """The accent for a colour written ``#rrggbb``. Raises ``NotAColour``, ``PoorContrast``."""
        chosen = text.lower()
        if not _HEX.fullmatch(chosen):
            raise NotAColour
        nearest = _reaching(chosen, LIGHT_PAPER, EDGE_RATIO)
        if nearest != chosen:
            raise PoorContrast(chosen, nearest)
        dark = _reaching(chosen, DARK_PAPER, TEXT_RATIO)
        return cls(
            chosen=chosen,
            dark=dark,
            light_ink=max(LIGHT_INKS, key=lambda ink: contrast(ink, chosen)),
            dark_ink=max(DARK_INKS, key=lambda ink: contrast(ink, dark)),
            light_text=_reaching(chosen, LIGHT_PAPER, TEXT_RATIO),
            dark_text=dark,
        )

    def css(self) -> str:
        """The custom properties that every page takes from ``/brand.css``."""
        return (
            ":root {\n"
            f"  --accent: light-dark({self.light}, {self.dark});\n"
            f"  --accent-ink: light-dark({self.light_ink}, {self.dark_ink});\n"
            f"  --accent-text: light-dark({self.light_text}, {self.dark_text});\n"
            "}\n"
        )


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _reaching(colour: str, paper: str, ratio: float) -> str:
    """The colour itself, or the nearest of its hue with this contrast to the paper."""
    if contrast(colour, paper) >= ratio:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    goal = 0.0 if _luminance(paper) > 0.5 else 1.0
    for step in range(1, STEPS + 1):
        moved = lightness + (goal - lightness) * step / STEPS
        channels = colorsys.hls_to_rgb(hue, moved, saturation)
        candidate = "#" + "".join(f"{round(value * 255):02x}" for value in channels)
        if contrast(candidate, paper) >= ratio:
            return candidate
    raise ValueError(f"neither black nor white reaches {ratio} on {paper}")
