"""The run of show: planned before, bent while it runs, told to viewers, kept as it really was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from live.domain import planning
from live.domain.ids import ParticipantId, PartId
from live.domain.outcome import Refusal
from live.domain.part import (
    AddPart,
    EditPart,
    GoToPart,
    ImportParts,
    MovePart,
    PartDraft,
    PartEvent,
    PartStatus,
    RemovePart,
    RunshowCommand,
    ShowRunshow,
    SkipPart,
    StretchPart,
    part_at,
)
from live.domain.people_commands import EraseParticipant
from live.domain.runshow import parts_of, programme, words_of
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from tests.support.rooms import NOW
from tests.support.scene import Scene, kinds


def draft(
    title: str, *, minutes: int | None = None, script: str = "", public: bool = True
) -> PartDraft:
    titles = {"en": title, "fr": f"{title} (fr)"}
    return PartDraft(titles, minutes, script=script, public=public)


def added(scene: Scene, part: PartDraft, before: PartId | None = None) -> PartId:
    part_id = scene.do("host", AddPart(part, before)).result.part_id
    assert part_id is not None
    return part_id


def stands(scene: Scene, state: SessionState) -> None:
    scene.state.session = replace(scene.state.session, state=state)


def titles(scene: Scene) -> list[str]:
    words = [words_of(scene.state, part) for part in parts_of(scene.state)]
    return ["" if each is None else each.titles["en"] for each in words]


def seen(scene: Scene) -> tuple[str | None, str | None] | None:
    """What viewers read of now and next."""
    told = programme(scene.state)
    if told is None:
        return None
    words = [None if part is None else words_of(scene.state, part) for part in told]
    now, coming = [None if each is None else each.titles["en"] for each in words]
    return now, coming


def planned(*names: str) -> tuple[Scene, list[PartId]]:
    scene = Scene()
    parts = [added(scene, draft(name, minutes=5)) for name in names]
    scene.do("host", ShowRunshow(on=True))
    return scene, parts


def test_a_part_is_put_before_another_or_at_the_end() -> None:
    scene = Scene()
    last = added(scene, draft("Questions"))
    added(scene, draft("Opening"), last)
    added(scene, draft("Goodbye"))
    assert titles(scene) == ["Opening", "Questions", "Goodbye"]


def test_viewers_see_now_and_next_if_the_host_wants() -> None:
    scene, (opening, fitting, offer) = planned("Opening", "Fitting", "Offer")
    assert seen(scene) == (None, "Opening")
    scene.do("host", GoToPart(opening, None))
    assert seen(scene) == ("Opening", "Fitting")
    scene.do("mod", SkipPart(fitting, 1, on=True))
    assert seen(scene) == ("Opening", "Offer")
    added(scene, draft("A surprise", public=False), offer)
    added(scene, draft("Guests"), offer)
    assert seen(scene) == ("Opening", "Guests"), "what is not public is not announced"
    scene.do("host", ShowRunshow(on=False))
    assert seen(scene) is None


def test_only_what_changes_their_view_is_told_to_viewers() -> None:
    scene, (opening, fitting, offer) = planned("Opening", "Fitting", "Offer")
    scene.do("host", GoToPart(opening, None))
    told = {
        "stretch": scene.do("host", StretchPart(fitting, 3)),
        "skip a later one": scene.do("host", SkipPart(offer, 1, on=True)),
        "skip the next one": scene.do("host", SkipPart(fitting, 2, on=True)),
        "take it in again": scene.do("host", SkipPart(fitting, 3, on=False)),
        "new title": scene.do("host", EditPart(fitting, 4, draft("Trying on"))),
    }
    told_to_viewers = [
        name
        for name, decided in told.items()
        if any(isinstance(each, PartEvent) and each.seen for each in decided.events)
    ]
    assert told_to_viewers == ["skip the next one", "take it in again", "new title"]


def test_the_show_going_live_begins_its_first_part_and_its_end_ends_the_last() -> None:
    scene = Scene()
    first = added(scene, draft("Skipped"))
    second = added(scene, draft("First"))
    scene.do("host", SkipPart(first, 1, on=True))
    stands(scene, SessionState.LOBBY)
    assert kinds(scene.do(None, ChangeState(SessionState.LIVE))) == [
        "session.changed",
        "runshow.moved",
    ]
    assert scene.state.runshow.current == second
    scene.pass_s(60)
    scene.do(None, ChangeState(SessionState.ENDED))
    (run,) = scene.state.parts[second].runs
    assert (run.since, run.until) == (NOW, NOW + timedelta(minutes=1))
    assert scene.state.runshow.current is None


def test_history_tells_which_part_was_on_at_what_time() -> None:
    scene, (opening, fitting) = planned("Opening", "Fitting")
    scene.do("host", GoToPart(opening, None))
    scene.pass_s(300)
    scene.do("host", GoToPart(fitting, opening))
    scene.pass_s(120)
    scene.do("host", GoToPart(opening, fitting))
    scene.pass_s(60)
    scene.do("host", GoToPart(None, opening))
    parts = parts_of(scene.state)

    def on(minute: float) -> PartId | None:
        part = part_at(parts, NOW + timedelta(minutes=minute))
        return None if part is None else part.id

    assert [on(each) for each in (-1, 0, 4.9, 5, 6.9, 7, 7.9, 8)] == [
        *(None, opening, opening, fitting, fitting, opening, opening, None)
    ]


def test_two_who_press_next_at_once_move_on_by_one_and_the_second_hears_who_was_first() -> None:
    scene, (opening, fitting, offer) = planned("Opening", "Fitting", "Offer")
    scene.do("host", GoToPart(opening, None))
    scene.do("mod", GoToPart(fitting, opening))
    outcome = scene.ask("host", GoToPart(offer, opening))
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.by) == ("stale", "mod")
    assert str(scene.state.participants[ParticipantId("mod")].display_name) in outcome.message
    assert scene.state.runshow.current == fitting
    scene.do("host", GoToPart(fitting, opening))  # what both wanted is not refused


def test_an_edit_of_what_a_colleague_changed_is_stale_and_names_them() -> None:
    scene, (opening, _) = planned("Opening", "Fitting")
    scene.do("mod", EditPart(opening, 1, draft("Welcome")))
    for late in (
        EditPart(opening, 1, draft("Hello")),
        MovePart(opening, 1),
        SkipPart(opening, 1, on=True),
        RemovePart(opening, 1),
    ):
        outcome = scene.ask("host", late)
        assert isinstance(outcome, Refusal)
        assert (outcome.code, outcome.by) == ("stale", "mod")
    assert titles(scene) == ["Welcome", "Fitting"]


def test_who_moves_one_part_is_not_disturbed_by_who_moves_another() -> None:
    scene, (a, b, c, d) = planned("A", "B", "C", "D")
    scene.do("host", MovePart(d, 1, a))
    scene.do("mod", MovePart(b, 1))
    assert titles(scene) == ["D", "A", "C", "B"]
    assert scene.do("mod", MovePart(c, 1, b)).events == (), "it stands there"


def test_minutes_that_two_people_add_both_count() -> None:
    scene, (opening,) = planned("Opening")
    scene.do("host", StretchPart(opening, 2))
    scene.do("mod", StretchPart(opening, 3))
    assert scene.state.parts[opening].plan.minutes == 10
    assert scene.refused("mod", StretchPart(opening, -10)) == "invalid"


def test_going_back_to_a_skipped_part_takes_it_in_again() -> None:
    scene, (opening, fitting) = planned("Opening", "Fitting")
    scene.do("host", SkipPart(opening, 1, on=True))
    scene.do("host", GoToPart(fitting, None))
    scene.do("host", GoToPart(opening, fitting))
    part = scene.state.parts[opening]
    assert part.status is PartStatus.PLANNED
    assert part.is_on


def test_what_has_been_on_cannot_be_taken_out_and_what_is_on_cannot_be_skipped() -> None:
    scene, (opening, fitting) = planned("Opening", "Fitting")
    scene.do("host", GoToPart(opening, None))
    assert scene.refused("host", SkipPart(opening, 1, on=True)) == "wrong_state"
    assert scene.refused("host", RemovePart(opening, 1)) == "wrong_state"
    removed = scene.do("host", RemovePart(fitting, 1))
    assert len(removed.erase) == 1, "its words go"
    assert scene.refused("host", EditPart(fitting, 2, draft("Again"))) == "not_found"


def test_the_clocks_run_only_while_the_show_is_live() -> None:
    scene, (opening,) = planned("Opening")
    stands(scene, SessionState.LOBBY)
    assert scene.refused("host", GoToPart(opening, None)) == "wrong_state"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (PartDraft({}), "empty"),
        (PartDraft({"en": " "}), "empty"),
        (PartDraft({"sv": "Hej"}), "invalid"),
        (PartDraft({"!": "Hej"}), "invalid"),
        (PartDraft({"en": "x" * 121}), "too_long"),
        (PartDraft({"en": "Bell\x07"}), "control_characters"),
        (PartDraft({"en": "A"}, minutes=0), "invalid"),
        (PartDraft({"en": "A"}, minutes=601), "invalid"),
        (PartDraft({"en": "A"}, goal="x" * 301), "too_long"),
        (PartDraft({"en": "A"}, segments=("nobody",)), "invalid"),
        (PartDraft({"en": "A"}, script="x" * 4_001), "too_long"),
        (PartDraft({"en": "A"}, script="one\ntwo\x00"), "control_characters"),
    ],
)
def test_what_cannot_be_planned_is_refused(part: PartDraft, code: str) -> None:
    scene, (opening,) = planned("Opening")
    assert scene.refused("mod", AddPart(part)) == code
    assert scene.refused("mod", EditPart(opening, 1, part)) == code
    assert scene.refused("mod", ImportParts((draft("Good"), part))) == code
    assert titles(scene) == ["Opening"], "all or nothing"


def test_there_is_an_end_to_parts_scripts_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PARTS", 3)
    monkeypatch.setattr(planning, "ALL_SCRIPTS_CHARS", 10)
    monkeypatch.setattr(planning, "RUNS", 1)
    scene, (opening, fitting) = planned("Opening", "Fitting")
    assert scene.refused("host", AddPart(draft("Long", script="x" * 11))) == "too_long"
    assert scene.refused("host", EditPart(opening, 1, draft("Long", script="x" * 11))) == "too_long"
    added(scene, draft("Third", script="x" * 10))
    assert scene.refused("host", AddPart(draft("Fourth"))) == "overloaded"
    scene.do("host", ImportParts(tuple(draft(each, script="abc") for each in "XYZ"), replace=True))
    assert titles(scene) == ["X", "Y", "Z"]
    x, y, _ = scene.state.runshow.order
    scene.do("host", GoToPart(x, None))
    scene.do("host", GoToPart(y, x))
    assert scene.refused("host", GoToPart(x, y)) == "overloaded"
    assert scene.refused("host", MovePart(fitting, 2)) == "not_found"
    assert scene.refused("host", MovePart(x, 1, opening)) == "not_found"


def test_an_import_takes_the_place_of_what_has_not_been_on_unless_a_colleague_was_first() -> None:
    scene, (opening, _) = planned("Opening", "Fitting")
    scene.do("host", GoToPart(opening, None))
    stood = scene.state.runshow.revision
    added(scene, draft("One more"))
    new = (draft("Guests"), draft("Goodbye"))
    outcome = scene.ask("mod", ImportParts(new, replace=True, revision=stood))
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.by) == ("stale", "host")
    scene.do("mod", ImportParts(new, replace=True, revision=stood + 1))
    assert titles(scene) == ["Opening", "Guests", "Goodbye"]


@pytest.mark.parametrize(
    "command",
    [
        AddPart(draft("Mine")),
        EditPart(PartId("p"), 1, draft("Mine")),
        MovePart(PartId("p"), 1),
        SkipPart(PartId("p"), 1, on=True),
        StretchPart(PartId("p"), 5),
        RemovePart(PartId("p"), 1),
        GoToPart(PartId("p"), None),
        ShowRunshow(on=True),
        ImportParts((draft("Mine"),)),
    ],
)
def test_it_is_for_the_team_alone(command: RunshowCommand) -> None:
    scene = Scene()
    assert scene.refused("ada", command) == "forbidden"


def test_when_its_author_is_forgotten_a_part_keeps_its_time_and_loses_its_words() -> None:
    scene, (opening,) = planned("Opening")
    scene.do("host", GoToPart(opening, None))
    content_id = scene.state.parts[opening].plan.content_id
    assert content_id is not None
    scene.do(None, EraseParticipant(ParticipantId("host"), (content_id,)))
    part = scene.state.parts[opening]
    assert words_of(scene.state, part) is None
    assert part.plan.minutes == 5
    assert part.is_on
