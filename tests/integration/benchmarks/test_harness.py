"""The benchmarks count what they say they count; how fast it went decides nothing here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.harness.causerie import Prepared, prepare, serving
from benchmarks.harness.client import LoadClient, Target, load
from benchmarks.harness.machine import HARNESS, compiled, two_cores
from benchmarks.harness.report import Figure, Row, at_least, at_most, publish

READERS = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Prepared:
    return prepare(folder, two_cores().server, {"show": READERS})


def test_every_post_and_every_tap_is_counted_at_every_reader(
    folder: Path, prepared: Prepared
) -> None:
    cores, program = two_cores(), compiled(HARNESS / "client.c", folder)
    with (
        serving(prepared.copy(folder / "run"), cores.server) as causerie,
        load(program, cores.client, Target(causerie.port, prepared.tokens["show"])) as client,
    ):
        client.watch(causerie.server)
        joined = client.order("connect", READERS, 8, 0)
        posted = client.order("post", 20, 1, 10)
        flooded = client.order("saturate", 10, 0.5, READERS)
        tapped = client.order("react", 20, 1)
        _expect_refusals(client)

    assert joined.joined == joined.wanted == READERS
    assert posted.is_whole, posted
    assert posted.posts >= 20
    assert posted.deliveries == posted.posts * READERS
    assert flooded.is_whole, flooded
    assert tapped.reactions > 0
    assert (tapped.acks, tapped.apart) == (tapped.reaction_frames, 0)
    assert posted.server_cpu_s > 0


def _expect_refusals(client: LoadClient) -> None:
    """The limits are on: one person may not post without end."""
    refused = client.order("post", 300, 0.5, 1)

    assert refused.refused > 0
    assert refused.refusal == "rate_limited"
    assert refused.acks + refused.refused == refused.posts


def test_a_goal_is_reached_by_the_median_and_shown_with_its_range() -> None:
    row = Row("1,000 × 50", "CPU", Figure((0.5, 0.9, 0.55)), at_most(0.6))

    assert row.reached
    assert row.cells()[2] == "0.55 (0.5–0.9)"
    assert not Row("joins", "per second", Figure((1.4,)), at_least(1.5)).reached
    assert not Row("lost", "messages", Figure((1.0,)), at_most(0)).reached
    assert Row("lost", "messages", Figure((0.0,)), at_most(0)).reached


def test_only_what_is_between_the_markers_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    begin, end = "<!-- speed: written by make speed -->", "<!-- speed: end -->"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")

    publish("speed", "new", page)

    assert page.read_text() == f"before\n{begin}\nnew\n{end}\nafter\n"
    with pytest.raises(ValueError, match="no markers"):
        publish("other", "new", page)
