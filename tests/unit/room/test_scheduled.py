"""What is to be sent at its time is sent by whoever runs the session then, once."""

from __future__ import annotations

from live.domain.announcement import AnnouncementStatus
from live.domain.announcement_commands import DraftVariant, SaveAnnouncement
from tests.support.rooms import open_house


async def test_a_restart_does_not_forget_what_is_scheduled_nor_send_it_twice() -> None:
    house = await open_house()
    command = SaveAnnouncement((DraftVariant("Last call."),), after_s=60, lasts_s=600)
    announcement_id = (await house.do("mod", command)).result.announcement_id
    assert announcement_id is not None
    room = await house.reopen()
    await room.settle()
    assert room.state.announcements[announcement_id].status is AnnouncementStatus.SAVED
    house.clock.pass_s(61)
    await room.settle()
    sent = room.state.announcements[announcement_id]
    assert sent.status is AnnouncementStatus.ACTIVE
    head = room.head
    room = await house.reopen()
    await room.settle()
    assert (room.head, room.state.announcements[announcement_id]) == (head, sent)
    await house.rooms.close()
