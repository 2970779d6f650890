"""A server that has too much to do keeps lines to itself."""

from __future__ import annotations

import time
from pathlib import Path

from moderation.ear.laden import LADEN, LINES_PER_S, LOOK_EVERY_S, Laden, wanted_s


class Times:
    """A clock, and how much of a core is used while it runs."""

    def __init__(self) -> None:
        self.now_s = self.used_s = 0.0

    def run(self, seconds: float, share: float) -> None:
        self.now_s += seconds
        self.used_s += seconds * share


def admitted(laden: Laden, times: Times, share: float, lines: int) -> int:
    """Of so many lines in a second."""
    count = 0
    for _ in range(lines):
        times.run(1 / lines, share)
        count += laden.admits()
    return count


def test_a_server_that_rests_hands_every_line_over_and_a_laden_one_a_few() -> None:
    times = Times()
    laden = Laden(lambda: times.now_s, lambda: times.used_s)
    assert admitted(laden, times, LADEN - 0.1, 2_000) == 2_000

    times.run(LOOK_EVERY_S, 0.9)
    few = admitted(laden, times, 0.9, 2_000)
    assert 0.9 * LINES_PER_S < few < 1.1 * LINES_PER_S

    times.run(LOOK_EVERY_S, 0.1)
    assert admitted(laden, times, 0.1, 2_000) == 2_000


def test_a_core_that_others_have_is_wanted_too(tmp_path: Path) -> None:
    scheduled = tmp_path / "schedstat"
    scheduled.write_text("1000000000 5000000000 70\n")
    used_s = time.process_time()
    assert 5.0 <= wanted_s(scheduled) - used_s < 6.0

    for told in ("", "nothing of the kind"):
        scheduled.write_text(told)
        assert wanted_s(scheduled) - used_s < 1.0
    assert wanted_s(tmp_path / "no such file") - used_s < 1.0
