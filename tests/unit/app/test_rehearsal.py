"""What a rehearsal does by itself, and what it finds missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import rehearsal
from app.prepared import prepared
from app.readiness import unready
from live.domain.announcement import Link
from live.domain.announcement_commands import DraftVariant, SaveAnnouncement
from live.domain.ids import ParticipantId
from live.domain.part import AddPart, GoToPart, PartDraft, ShowRunshow
from live.domain.people import Role
from live.domain.poll import PollKind
from live.domain.poll_commands import DraftPoll, DraftQuestion, PreparePoll
from live.domain.session_commands import SetStage
from live.domain.stage import Seat, SeatState
from tests.support.rooms import NOW, SESSION, open_house, person
from tests.support.scene import Scene


async def test_the_camera_drops_once_after_it_was_on_air_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rehearsal, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(rehearsal, "CAMERA_DROPS_AFTER_S", 0.005)
    house = await open_house(person("host", Role.HOST))
    room = await house.room()
    evicted: list[tuple[str, str]] = []

    async def evict(session_id: str, participant_id: str) -> int:
        evicted.append((session_id, participant_id))
        return 1

    host = ParticipantId("host")
    seat = Seat("host", host, SeatState.ON_AIR, audio=True, video=True, since=NOW)
    await room.act(SetStage((seat,)))
    await rehearsal.drop_the_camera(house.rooms, evict, SESSION)
    assert evicted == [(SESSION, "host")]
    await house.rooms.close()


def test_what_is_not_ready_is_told_with_its_part_and_language() -> None:
    scene = Scene()
    assert [each.code for each in unready(scene.state, "spring", camera_was_on=False)] == [
        "no_parts",
        "camera_not_tried",
        "no_question_answered",
    ]
    scene.do("host", ShowRunshow(on=True))
    ready = PartDraft({"en": "Opening", "fr": "Ouverture"}, 5, script="Good evening.")
    first = scene.do("host", AddPart(ready)).result.part_id
    scene.do("host", AddPart(PartDraft({"fr": "Essayage"})))
    scene.do("host", GoToPart(first, None))
    found = unready(scene.state, "spring", camera_was_on=True)
    assert [(each.code, each.title) for each in found[:4]] == [
        ("part_without_minutes", "Essayage"),
        ("part_without_script", "Essayage"),
        ("part_not_tried", "Essayage"),
        ("part_without_title", "Essayage"),
    ]
    assert found[3].language == "en"
    assert {each.path for each in found} == {"/s/spring/host"}


def test_what_was_made_ready_is_made_ready_again_elsewhere() -> None:
    scene, copy = Scene(), Scene()
    offer = DraftVariant("The boots", link=Link("https://shop.example/boots", "See the boots"))
    scene.do(
        "host", SaveAnnouncement((offer, DraftVariant("Les bottes", language="fr")), lasts_s=60)
    )
    colours, open_question = DraftQuestion("Which?", ("Red", "Blue")), DraftQuestion("Which?")
    for poll in (
        DraftPoll(PollKind.SINGLE, (colours,)),
        DraftPoll(PollKind.QUIZ, (colours,), right=("2",)),
        DraftPoll(PollKind.WORDS, (open_question,), most=2),
        DraftPoll(PollKind.SCALE, (open_question,), points=5),
    ):
        scene.do("host", PreparePoll(poll))
    for command in prepared(scene.state):
        copy.do("host", command)
    assert list(prepared(copy.state)) == list(prepared(scene.state))
    assert len(list(prepared(copy.state))) == 5
    viewer = copy.state.participants[ParticipantId("ada")]
    copy.state.put_participant(replace(viewer, language="fr"))
    copy.do("host", SaveAnnouncement((DraftVariant("Only in English"),)))
    lacking = [
        (each.title, each.language)
        for each in unready(copy.state, "spring", camera_was_on=True)
        if each.code == "announcement_without_language"
    ]
    assert lacking == [("Only in English", "fr")]
