"""Segments of a session's own: named, open or granted, part of another; nobody helps themselves."""

from __future__ import annotations

import pytest

from live.domain.announcement import variant_for
from live.domain.announcement_commands import DraftVariant, SendAnnouncement
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.label import Colour
from live.domain.outcome import Refusal
from live.domain.people_commands import PlacePerson, SetProfile
from live.domain.segment import Segment
from live.domain.segmenting import MOST
from live.domain.session_commands import SessionDetails
from tests.support.scene import Scene

VIP = Segment("customer/vip", {"en": "Regulars", "fr": "Habitués"}, Colour.VIOLET)
KNITTERS = Segment("knitters", {"en": "Knitters"}, description="They knit", open=True)


def with_own(*segments: Segment) -> Scene:
    scene = Scene()
    scene.do("host", SessionDetails(segments=segments))
    return scene


def test_an_open_one_is_anyones_a_granted_one_takes_the_team() -> None:
    scene = with_own(VIP, KNITTERS)
    scene.do("ada", SetProfile(segment="knitters"))
    assert scene.state.participants[ParticipantId("ada")].segment == "knitters"
    assert scene.refused("ada", SetProfile(segment="customer/vip")) == "segment_closed"
    assert scene.refused("ada", SetProfile(segment="customer/gold")) == "invalid"
    scene.do("mod", PlacePerson(ParticipantId("ada"), "customer/vip"))
    scene.do("ada", SetProfile(segment="knitters"))
    scene.do("ada", SetProfile(segment="customer/vip"))
    assert scene.state.participants[ParticipantId("ada")].segment == "customer/vip"


def test_a_part_of_a_segment_reads_its_own_words_then_those_of_the_whole() -> None:
    scene = with_own(VIP)
    variants = (DraftVariant("Customers", segment="customer"), DraftVariant("All"))
    done = scene.do("mod", SendAnnouncement(variants))
    told = scene.state.announcements[done.result.announcement_id or AnnouncementId("")]
    assert variant_for(told.variants, "customer/vip", "fr", "en") == told.variants[0]


@pytest.mark.parametrize(
    "segments",
    [
        (Segment("Customer VIP", {"en": "?"}),),
        (Segment("customer/vip/gold", {"en": "?"}),),
        (Segment("nobody/vip", {"en": "?"}),),
        (Segment("customer", {"en": "Ours"}),),
        (KNITTERS, KNITTERS),
        (Segment("press", {}),),
        (Segment("press", {"en": " "}),),
        (Segment("press", {"en": "x" * 31}),),
        (Segment("press", {"!": "Press"}),),
        (Segment("press", {"en": "Press"}, description="x" * 201),),
        tuple(Segment(f"s{number}", {"en": "S"}) for number in range(MOST + 1)),
    ],
)
def test_what_is_no_segment_is_refused(segments: tuple[Segment, ...]) -> None:
    scene = Scene()
    assert isinstance(scene.ask("host", SessionDetails(segments=segments)), Refusal)
    assert [each.id for each in scene.state.session.segments] == ["press"]
