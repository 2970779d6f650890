"""Announcements: to each cohort its own words, corrected, taken back, over in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from live.domain.announcement import AnnouncementStatus, Link, variant_for
from live.domain.announcement_commands import (
    CorrectAnnouncement,
    DraftVariant,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.outcome import Limits
from live.domain.people_commands import EraseParticipant
from live.domain.session_commands import Lapse
from live.domain.wording import wording
from tests.support.rooms import NOW
from tests.support.scene import Scene, kinds

TO_ALL = DraftVariant("Doors open at eight.")
IN_FRENCH = DraftVariant("Ouverture à huit heures.", language="fr")
TO_CUSTOMERS = DraftVariant("Your lane is on the left.", segment="customer")
TO_VIPS = DraftVariant("A glass waits for you.", segment="press")


def sent(scene: Scene, *variants: DraftVariant) -> AnnouncementId:
    announcement_id = scene.do("host", SendAnnouncement(variants)).result.announcement_id
    assert announcement_id is not None
    return announcement_id


def read(scene: Scene, announcement_id: AnnouncementId, segment: str, language: str) -> str | None:
    """What people of this cohort read."""
    announcement = scene.state.announcements[announcement_id]
    default = scene.state.session.languages[0]
    found = variant_for(announcement.variants, segment, language, default)
    said = None if found is None else wording(scene.state, found)
    return None if said is None else said.text


def test_each_cohort_reads_the_nearest_of_the_variants() -> None:
    scene = Scene()
    told = sent(scene, TO_ALL, IN_FRENCH, TO_CUSTOMERS)
    assert read(scene, told, "general", "en") == TO_ALL.text
    assert read(scene, told, "general", "fr") == IN_FRENCH.text
    assert read(scene, told, "general", "pt") == TO_ALL.text
    assert read(scene, told, "customer", "en") == TO_CUSTOMERS.text
    assert read(scene, told, "customer", "fr") == TO_CUSTOMERS.text, "the segment comes first"
    assert read(scene, told, "customer/vip", "en") == TO_CUSTOMERS.text


def test_who_has_no_variant_is_told_nothing() -> None:
    scene = Scene()
    told = sent(scene, TO_VIPS)
    assert read(scene, told, "press", "fr") == TO_VIPS.text
    assert read(scene, told, "general", "en") is None


def test_a_variant_may_lead_somewhere() -> None:
    scene = Scene()
    offer = DraftVariant("The boots", link=Link("https://shop.example/boots", "See the boots"))
    (variant,) = scene.state.announcements[sent(scene, offer)].variants
    said = wording(scene.state, variant)
    assert said is not None
    assert said.link == Link("https://shop.example/boots", "See the boots")


@pytest.mark.parametrize(
    ("variants", "code"),
    [
        ((), "invalid"),
        ((TO_ALL, DraftVariant("Again", language="en")), "invalid"),
        ((DraftVariant("To whom?", segment="nobody"),), "invalid"),
        ((DraftVariant("Hej", language="sv"),), "invalid"),
        ((DraftVariant("Hej", language="!"),), "invalid"),
        ((DraftVariant(" "),), "empty"),
        ((DraftVariant("x" * 501),), "too_long"),
        ((DraftVariant("Bell\x07"),), "control_characters"),
        ((DraftVariant("Run", link=Link("javascript:alert(1)", "Run")),), "invalid"),
        ((DraftVariant("Off", link=Link("//shop.example", "Go")),), "invalid"),
        ((DraftVariant("Off", link=Link("https://[shop", "Go")),), "invalid"),
        ((DraftVariant("Off", link=Link("https://shop.example/" + "x" * 2000, "Go")),), "invalid"),
        ((DraftVariant("Off", link=Link("https://shop.example", " ")),), "empty"),
        ((DraftVariant("Off", link=Link("https://shop.example@evil.example", "Go")),), "invalid"),
        ((DraftVariant("Off", link=Link("data:text/html,hi", "Go")),), "invalid"),
        ((DraftVariant("Off", link=Link('https://shop.example/"onclick=', "Go")),), "invalid"),
    ],
)
def test_what_cannot_be_announced_is_refused(variants: tuple[DraftVariant, ...], code: str) -> None:
    scene = Scene()
    assert scene.refused("mod", SendAnnouncement(variants)) == code
    assert not scene.state.announcements


def test_there_is_an_end_to_variants_and_announcements() -> None:
    scene = Scene()
    scene.limits = Limits(announcements=2, variants=1)
    assert scene.refused("mod", SendAnnouncement((TO_ALL, IN_FRENCH))) == "invalid"
    sent(scene, TO_ALL)
    sent(scene, TO_ALL)
    assert scene.refused("mod", SendAnnouncement((TO_ALL,))) == "overloaded"


def test_a_correction_replaces_all_variants_and_their_words() -> None:
    scene = Scene()
    told = sent(scene, TO_ALL, TO_CUSTOMERS)
    former = scene.state.announcements[told].variants
    done = scene.do("mod", CorrectAnnouncement(told, 1, (DraftVariant("At nine."),)))
    assert kinds(done) == ["announcement.changed"]
    assert read(scene, told, "customer", "en") == "At nine."
    assert [scene.state.text(each.content_id) for each in former] == [None, None]
    assert scene.refused("host", CorrectAnnouncement(told, 1, (TO_ALL,))) == "stale"
    assert scene.refused("host", CorrectAnnouncement(told, 2, ())) == "invalid"
    nowhere = AnnouncementId("none")
    assert scene.refused("host", CorrectAnnouncement(nowhere, 1, (TO_ALL,))) == "not_found"


def test_what_was_withdrawn_stays_withdrawn() -> None:
    scene = Scene()
    told = sent(scene, TO_ALL)
    assert kinds(scene.do("mod", WithdrawAnnouncement(told))) == ["announcement.changed"]
    assert kinds(scene.do("host", WithdrawAnnouncement(told))) == []
    assert scene.state.announcements[told].status is AnnouncementStatus.WITHDRAWN
    assert scene.refused("host", CorrectAnnouncement(told, 2, (TO_ALL,))) == "wrong_state"
    assert scene.refused("host", WithdrawAnnouncement(AnnouncementId("none"))) == "not_found"


def test_its_time_ends_it() -> None:
    scene = Scene()
    over_at = NOW + timedelta(minutes=5)
    told = scene.do("host", SendAnnouncement((TO_ALL,), over_at)).result.announcement_id
    assert told is not None
    scene.pass_s(299)
    assert kinds(scene.do(None, Lapse())) == []
    scene.pass_s(1)
    assert kinds(scene.do(None, Lapse())) == ["announcement.changed"]
    assert kinds(scene.do(None, Lapse())) == []
    assert scene.state.announcements[told].status is AnnouncementStatus.EXPIRED
    assert scene.refused("host", SendAnnouncement((TO_ALL,), over_at)) == "invalid"


def test_the_words_of_someone_erased_are_announced_no_longer() -> None:
    scene = Scene()
    told = sent(scene, TO_ALL)
    (variant,) = scene.state.announcements[told].variants
    scene.do(None, EraseParticipant(ParticipantId("host"), (variant.content_id,)))
    assert scene.state.announcements[told].status is AnnouncementStatus.WITHDRAWN
    assert wording(scene.state, variant) is None


def test_viewers_announce_nothing() -> None:
    scene = Scene()
    told = sent(scene, TO_ALL)
    assert scene.refused("ada", SendAnnouncement((TO_ALL,))) == "forbidden"
    assert scene.refused("ada", CorrectAnnouncement(told, 1, (TO_ALL,))) == "forbidden"
    assert scene.refused("ada", WithdrawAnnouncement(told)) == "forbidden"
