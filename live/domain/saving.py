"""An announcement is made ready: sent later by one tap, or by itself at its time, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from live.domain.announcement import Announcement, AnnouncementStatus
from live.domain.announcement_commands import ReleaseAnnouncement, SaveAnnouncement
from live.domain.announcement_events import AnnouncementSaved, AnnouncementSent
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.session import SessionState
from live.domain.state import RoomState
from live.domain.wording import written

LONGEST = timedelta(days=2)
"""An announcement that lasts longer has no end of its own."""

FARTHEST = timedelta(days=366)


def save(
    state: RoomState, actor: Participant, command: SaveAnnouncement, context: Context
) -> Decided | Refusal:
    """New, or in the place of a saved one."""
    known: Announcement | None = None
    if command.announcement_id is not None:
        found = saved(state, command.announcement_id, command.revision)
        if isinstance(found, Refusal):
            return found
        known = found
    elif len(state.announcements) >= context.limits.announcements:
        return Refusal("overloaded", f"{context.limits.announcements} announcements is the most.")
    due = due_at(command, context.now)
    if isinstance(due, Refusal):
        return due
    if command.lasts_s is not None and not 0 < command.lasts_s <= LONGEST.total_seconds():
        return Refusal("invalid", f"It lasts {LONGEST.days} days at most.")
    if command.countdown and command.lasts_s is None:
        return Refusal("invalid", "What has no end cannot count down to it.")
    words = written(state, actor, command.variants, context)
    if isinstance(words, Refusal):
        return words
    variants, contents = words
    event = AnnouncementSaved(
        announcement_id=AnnouncementId(context.entropy.new_id()) if known is None else known.id,
        author_id=actor.id,
        revision=1 if known is None else known.revision + 1,
        status=AnnouncementStatus.SAVED,
        variants=variants,
        lasts_s=command.lasts_s,
        pinned=command.pinned,
        countdown=command.countdown,
        due=due,
    )
    return Decided(
        (event,),
        Result(announcement_id=event.announcement_id),
        contents=contents,
        erase=() if known is None else tuple(each.content_id for each in known.variants),
    )


def release(
    state: RoomState, actor: Participant, command: ReleaseAnnouncement, context: Context
) -> Decided | Refusal:
    """To those it is for, as it was saved."""
    found = saved(state, command.announcement_id, command.revision)
    if isinstance(found, Refusal):
        return found
    return Decided(_sent(found, actor.id, context.now), Result(announcement_id=found.id))


def thrown_away(known: Announcement) -> Decided:
    """A saved one is no more; nobody has read it, and nobody will."""
    return Decided(
        (gone(known),),
        Result(announcement_id=known.id),
        erase=tuple(each.content_id for each in known.variants),
    )


def saved(
    state: RoomState, announcement_id: AnnouncementId, revision: int | None
) -> Announcement | Refusal:
    """The one that waits under this id, as it was seen."""
    known = state.announcements.get(announcement_id)
    if known is None:
        return Refusal("not_found", "There is no such announcement.")
    if known.status is not AnnouncementStatus.SAVED:
        return Refusal("wrong_state", "It has been sent or thrown away.")
    if known.revision != revision:
        return Refusal("stale", "Someone else has changed this announcement meanwhile.")
    return known


def due_announcements(state: RoomState, now: datetime) -> Iterator[Event]:
    """What sends those whose time has come; nothing is sent into a show that is over."""
    if state.session.state is SessionState.ENDED:
        return
    for each in state.announcements.values():
        waits = each.status is AnnouncementStatus.SAVED
        if waits and each.due is not None and each.due <= now:
            yield from _sent(each, each.author_id, now)


def turns_of_announcements(state: RoomState) -> list[datetime]:
    """When announcements are sent or over by themselves."""
    if state.session.state is SessionState.ENDED:
        return []
    saved, active = AnnouncementStatus.SAVED, AnnouncementStatus.ACTIVE
    known = list(state.announcements.values())
    return [
        *(each.due for each in known if each.status is saved and each.due is not None),
        *(each.until for each in known if each.status is active and each.until is not None),
    ]


def fold_saved(state: RoomState, recorded: Recorded, event: AnnouncementSaved) -> None:
    state.announcements[event.announcement_id] = Announcement(
        id=event.announcement_id,
        author_id=event.author_id,
        at=recorded.at,
        revision=event.revision,
        status=event.status,
        variants=event.variants,
        pinned=event.pinned,
        countdown=event.countdown,
        lasts_s=event.lasts_s,
        due=event.due,
    )


def due_at(command: SaveAnnouncement, now: datetime) -> datetime | Refusal | None:
    """When it is to be sent by itself."""
    due = command.due
    if due is not None and command.after_s is not None:
        return Refusal("invalid", "It is sent at a time or after a while, not both.")
    if command.after_s is not None:
        if not 0 < command.after_s <= FARTHEST.total_seconds():
            return Refusal("invalid", f"That is within {FARTHEST.days} days.")
        due = now + timedelta(seconds=command.after_s)
    if due is not None and not now < due <= now + FARTHEST:
        return Refusal("invalid", f"It can be sent by itself within {FARTHEST.days} days.")
    return due


def gone(known: Announcement) -> AnnouncementSaved:
    """What takes a saved one away."""
    return _no_longer_saved(known, AnnouncementStatus.WITHDRAWN)


def _sent(known: Announcement, by: ParticipantId, now: datetime) -> tuple[Event, ...]:
    lasts_s = known.lasts_s
    sent = AnnouncementSent(
        announcement_id=known.id,
        author_id=by,
        variants=known.variants,
        until=None if lasts_s is None else now + timedelta(seconds=lasts_s),
        pinned=known.pinned,
        countdown=known.countdown,
    )
    return _no_longer_saved(known, AnnouncementStatus.ACTIVE), sent


def _no_longer_saved(known: Announcement, status: AnnouncementStatus) -> AnnouncementSaved:
    return AnnouncementSaved(
        announcement_id=known.id,
        author_id=known.author_id,
        revision=known.revision + 1,
        status=status,
        variants=known.variants,
    )
