"""A plot of results: each figure as a bar of how far it is from its goal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.harness.report import Row, number

WIDTH_PX: Final = 900
LABEL_PX: Final = 400
BAR_PX: Final = 20
STEP_PX: Final = 28
TOP_PX: Final = 44
LONGEST: Final = 3.0
"""A bar that would be longer ends in an arrow."""

INK, REACHED, MISSED = "#1b1b1f", "#2f7d5b", "#b3541e"


def plot(rows: Sequence[Row], path: Path, title: str) -> None:
    """Draw the rows that have a figure; a bar that passes the dashed line has reached its goal."""
    drawn = [row for row in rows if row.got]
    scale = (WIDTH_PX - LABEL_PX - 110) / LONGEST
    height = TOP_PX + STEP_PX * len(drawn) + 24
    goal_px = LABEL_PX + scale
    parts = [
        _open("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH_PX} {height}")[:-1]
        + ' font-family="system-ui, sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        _open("rect", width=WIDTH_PX, height=height, fill="#fff"),
        _words(title, x=12, y=24, weight=600),
    ]
    for line, row in enumerate(drawn):
        top = TOP_PX + line * STEP_PX
        got = row.got.middle
        gain = row.goal.gain(got)
        length = min(gain, LONGEST) * scale
        colour = REACHED if row.reached else MISSED
        bar = f"{length:.1f}"
        value = number(got) + (" →" if gain > LONGEST else "")
        parts += [
            _words(f"{row.work}: {row.what}", x=LABEL_PX - 10, y=top + 15, anchor="end"),
            _open("rect", x=LABEL_PX, y=top, width=bar, height=BAR_PX, fill=colour),
            _words(value, x=LABEL_PX + length + 6, y=top + 15),
        ]
    dashed = {"stroke": INK, "stroke-dasharray": "4 3"}
    bottom = height - 20
    parts += [
        _open("line", x1=f"{goal_px:.1f}", x2=f"{goal_px:.1f}", y1=TOP_PX - 6, y2=bottom, **dashed),
        _words("goal", x=goal_px + 4, y=height - 8),
        "</svg>",
    ]
    path.write_text("\n".join(_closed(part) for part in parts) + "\n")


def _open(tag: str, **attributes: object) -> str:
    return f"<{tag} " + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + ">"


def _closed(part: str) -> str:
    """Shapes hold nothing and close themselves."""
    return f"{part[:-1]}/>" if part.startswith(("<rect", "<line")) else part


def _words(words: str, *, x: float, y: float, anchor: str = "start", weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}">'
        f"{escape(words)}</text>"
    )
