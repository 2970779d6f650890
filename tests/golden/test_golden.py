"""The golden files are what the server gives, and the Python reducer folds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden import generate
from tests.support.reducer import differences, fold

FILES = sorted(Path(__file__).parent.glob("*.json"))


def test_the_files_are_what_the_server_gives() -> None:
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_start_and_frames_give_the_end(path: Path) -> None:
    story = json.loads(path.read_text("utf-8"))
    state, position = story["start"], story["start_head"]
    for frame in story["frames"]:
        assert frame["after"] == position
        state, position = fold(state, frame["events"]), frame["upto"]
    assert not differences(state, story["end"])
    assert position == story["end_head"]


def test_events_and_fields_of_later_versions_are_ignored() -> None:
    story = json.loads(FILES[0].read_text("utf-8"))
    later = {"seq": 999, "type": "weather.changed", "at": "", "data": {"sun": True}}
    assert fold(story["start"], [later]) == story["start"]
