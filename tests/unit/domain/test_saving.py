"""Announcements that are ready: sent by one tap, or by themselves at their time, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from live.domain.announcement import Announcement, AnnouncementStatus, Link, Product
from live.domain.announcement_commands import (
    CorrectAnnouncement,
    DraftVariant,
    ReleaseAnnouncement,
    SaveAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.people_commands import EraseParticipant
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, Lapse
from live.domain.wording import wording
from tests.support.rooms import NOW
from tests.support.scene import Scene, kinds

READY = DraftVariant("Ten per cent off until the end of the show.")
LATER = SaveAnnouncement((READY,), after_s=60, lasts_s=300, pinned=True, countdown=True)
LINK = Link("https://shop.example/boots", "See")


def saved(scene: Scene, command: SaveAnnouncement) -> Announcement:
    announcement_id = scene.do("mod", command).result.announcement_id
    assert announcement_id is not None
    return scene.state.announcements[announcement_id]


def status(scene: Scene, announcement: Announcement) -> AnnouncementStatus:
    return scene.state.announcements[announcement.id].status


def test_what_is_saved_is_sent_by_one_tap_as_it_was_saved() -> None:
    scene = Scene()
    ready = saved(scene, SaveAnnouncement((READY,), lasts_s=300, pinned=True))
    assert ready.status is AnnouncementStatus.SAVED
    scene.pass_s(1_000)
    done = scene.do("host", ReleaseAnnouncement(ready.id, 1))
    assert kinds(done) == ["announcement.saved", "announcement.sent"]
    told = scene.state.announcements[ready.id]
    assert (told.status, told.pinned) == (AnnouncementStatus.ACTIVE, True)
    assert told.until == scene.now + timedelta(seconds=300), "its time begins when it is sent"
    assert told.author_id == "host"
    assert scene.refused("mod", ReleaseAnnouncement(ready.id, told.revision)) == "wrong_state"


def test_a_saved_one_is_changed_by_who_saw_it_last() -> None:
    scene = Scene()
    ready = saved(scene, SaveAnnouncement((READY,)))
    again = SaveAnnouncement((DraftVariant("Twenty."),), announcement_id=ready.id, revision=1)
    changed = saved(scene, again)
    assert (changed.id, changed.revision) == (ready.id, 2)
    assert scene.state.text(ready.variants[0].content_id) is None, "its former words are gone"
    assert scene.refused("host", again) == "stale"
    assert scene.refused("host", ReleaseAnnouncement(ready.id, 1)) == "stale"
    nowhere = AnnouncementId("none")
    assert scene.refused("host", ReleaseAnnouncement(nowhere, 1)) == "not_found"


def test_thrown_away_it_is_no_more_and_neither_are_its_words() -> None:
    scene = Scene()
    ready = saved(scene, LATER)
    assert kinds(scene.do("host", WithdrawAnnouncement(ready.id))) == ["announcement.saved"]
    assert wording(scene.state, ready.variants[0]) is None
    scene.pass_s(120)
    assert kinds(scene.do(None, Lapse())) == []
    assert status(scene, ready) is AnnouncementStatus.WITHDRAWN


def test_at_its_time_it_is_sent_once() -> None:
    scene = Scene()
    ready = saved(scene, LATER)
    assert ready.due == NOW + timedelta(seconds=60)
    scene.pass_s(59)
    assert kinds(scene.do(None, Lapse())) == []
    scene.pass_s(1)
    assert kinds(scene.do(None, Lapse())) == ["announcement.saved", "announcement.sent"]
    assert kinds(scene.do(None, Lapse())) == []
    told = scene.state.announcements[ready.id]
    assert (told.pinned, told.countdown) == (True, True)
    assert told.until == scene.now + timedelta(seconds=300)


def test_nothing_is_sent_into_a_show_that_is_over() -> None:
    scene = Scene()
    ready = saved(scene, LATER)
    scene.do(None, ChangeState(SessionState.ENDED))
    scene.pass_s(120)
    assert kinds(scene.do(None, Lapse())) == []
    assert status(scene, ready) is AnnouncementStatus.SAVED


@pytest.mark.parametrize(
    "command",
    [
        SaveAnnouncement((READY,), due=NOW),
        SaveAnnouncement((READY,), due=NOW + timedelta(days=400)),
        SaveAnnouncement((READY,), due=NOW + timedelta(days=1), after_s=60),
        SaveAnnouncement((READY,), after_s=0),
        SaveAnnouncement((READY,), lasts_s=0),
        SaveAnnouncement((READY,), lasts_s=1_000_000),
        SaveAnnouncement((READY,), countdown=True),
        SaveAnnouncement((DraftVariant("?", segment="nobody"),)),
        SaveAnnouncement(()),
        SendAnnouncement((READY,), countdown=True),
        SendAnnouncement((READY,), lasts_s=0),
        SendAnnouncement((READY,), until=NOW + timedelta(days=1), lasts_s=60),
    ],
)
def test_what_makes_no_sense_is_refused(command: SaveAnnouncement | SendAnnouncement) -> None:
    scene = Scene()
    assert scene.refused("mod", command) == "invalid"
    assert not scene.state.announcements


def test_viewers_save_and_release_nothing() -> None:
    scene = Scene()
    ready = saved(scene, LATER)
    assert scene.refused("ada", SaveAnnouncement((READY,))) == "forbidden"
    assert scene.refused("ada", ReleaseAnnouncement(ready.id, 1)) == "forbidden"


def test_what_someone_erased_had_ready_is_gone_with_their_words() -> None:
    scene = Scene()
    ready = saved(scene, LATER)
    words = tuple(each.content_id for each in ready.variants)
    scene.do(None, EraseParticipant(ParticipantId("mod"), words))
    assert status(scene, ready) is AnnouncementStatus.WITHDRAWN


def test_pinning_changes_no_words() -> None:
    scene = Scene()
    done = scene.do("mod", SendAnnouncement((READY,), lasts_s=60))
    told = scene.state.announcements[done.result.announcement_id or AnnouncementId("")]
    scene.do("host", CorrectAnnouncement(told.id, 1, pinned=True, countdown=True))
    now = scene.state.announcements[told.id]
    assert (now.revision, now.pinned, now.countdown) == (2, True, True)
    assert now.variants == told.variants
    assert wording(scene.state, now.variants[0]) == wording(scene.state, told.variants[0])
    assert now.until == told.until
    later = told.until or NOW
    scene.do("host", CorrectAnnouncement(told.id, 2, until=later + timedelta(60)))
    assert scene.refused("host", CorrectAnnouncement(told.id, 3, until=NOW)) == "invalid"


def test_a_product_has_a_name_a_price_and_a_picture() -> None:
    scene = Scene()
    boots = Product("Winter boots", "149 €", "picture-1")
    offer = DraftVariant("", link=LINK, product=boots, translated=True)
    done = scene.do("mod", SendAnnouncement((offer,)))
    told = scene.state.announcements[done.result.announcement_id or AnnouncementId("")]
    said = wording(scene.state, told.variants[0])
    assert said is not None
    assert (said.text, said.product, said.link, said.translated) == ("", boots, LINK, True)


@pytest.mark.parametrize(
    ("product", "code"),
    [
        (Product(" "), "empty"),
        (Product("x" * 81), "too_long"),
        (Product("Boots", "9" * 41), "too_long"),
        (Product("Boots", image="../../secret"), "invalid"),
        (Product("Boots", image="https://elsewhere.example/i.png"), "invalid"),
    ],
)
def test_a_product_that_cannot_be_shown_is_refused(product: Product, code: str) -> None:
    scene = Scene()
    assert scene.refused("mod", SendAnnouncement((DraftVariant("", product=product),))) == code
