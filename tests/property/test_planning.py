"""The run of show under many hands: no part is lost, doubled or silently overruled."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from live.domain.ids import PartId
from live.domain.outcome import Refusal
from live.domain.part import (
    AddPart,
    EditPart,
    GoToPart,
    MovePart,
    Part,
    PartDraft,
    PartStatus,
    RemovePart,
    RunshowCommand,
    SkipPart,
)
from live.domain.runshow import parts_of
from tests.support.scene import Scene

EDITORS = ("host", "mod")
DRAFT = PartDraft({"en": "Part"})


class Desk:
    """What one of the team has on the screen: as it stood when they last looked."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.current: PartId | None = None

    def look(self, scene: Scene) -> None:
        self.parts = parts_of(scene.state)
        self.current = scene.state.runshow.current


Act = tuple[str, str, int, int]
ACTS = st.tuples(
    st.sampled_from(EDITORS),
    st.sampled_from(("look", "add", "edit", "move", "move", "skip", "remove", "go")),
    st.integers(0, 9),
    st.integers(0, 9),
)


def command_of(desk: Desk, kind: str, one: int, other: int) -> RunshowCommand | None:
    """What somebody asks for, by what they have before them."""
    if kind == "add" or not desk.parts:
        return AddPart(DRAFT)
    part = desk.parts[one % len(desk.parts)]
    before = [*(each.id for each in desk.parts), None][other % (len(desk.parts) + 1)]
    match kind:
        case "edit":
            return EditPart(part.id, part.revision, DRAFT)
        case "move":
            return None if before == part.id else MovePart(part.id, part.revision, before)
        case "skip":
            return SkipPart(part.id, part.revision, on=part.status is PartStatus.PLANNED)
        case "remove":
            return RemovePart(part.id, part.revision)
        case _:
            return GoToPart(before, desk.current)


@settings(max_examples=150)
@given(acts=st.lists(ACTS, max_size=60))
def test_concurrent_edits_lose_nothing(acts: list[Act]) -> None:
    scene = Scene()
    desks = {name: Desk() for name in EDITORS}
    for who, kind, one, other in acts:
        desk = desks[who]
        if kind == "look":
            desk.look(scene)
            continue
        command = command_of(desk, kind, one, other)
        if command is not None:
            check_one(scene, who, command)
    alive = {
        part.id for part in scene.state.parts.values() if part.status is not PartStatus.REMOVED
    }
    assert set(scene.state.runshow.order) == alive


def check_one(scene: Scene, who: str, command: RunshowCommand) -> None:
    """What is done was asked of the present state; what is refused changes nothing."""
    before = {part.id: part for part in parts_of(scene.state)}
    show = scene.state.runshow
    outcome = scene.ask(who, command)
    order = scene.state.runshow.order
    assert len(set(order)) == len(order)
    if isinstance(outcome, Refusal):
        assert outcome.code in {"stale", "not_found", "wrong_state"}
        assert scene.state.runshow == show
        assert {part.id: part for part in parts_of(scene.state)} == before
        return
    if isinstance(command, EditPart | MovePart | SkipPart | RemovePart):
        assert before[command.part_id].revision == command.revision
    if isinstance(command, MovePart):
        others = [each for each in show.order if each != command.part_id]
        assert [each for each in order if each != command.part_id] == others
        place = order.index(command.part_id)
        assert (*order, None)[place + 1] == command.before
    on = [part.id for part in parts_of(scene.state) if part.is_on]
    assert on == ([] if scene.state.runshow.current is None else [scene.state.runshow.current])
