"""The team tells each cohort something in its own words, corrects it, takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from live.domain.announcement import Announcement, AnnouncementStatus, Variant
from live.domain.announcement_commands import (
    CorrectAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.announcement_events import AnnouncementChanged, AnnouncementSent
from live.domain.content import Content
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import AnnouncementId, ContentId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.saving import LONGEST, gone, thrown_away
from live.domain.state import RoomState
from live.domain.wording import written


def send(
    state: RoomState, actor: Participant, command: SendAnnouncement, context: Context
) -> Decided | Refusal:
    """One announcement, all of its variants at once."""
    if len(state.announcements) >= context.limits.announcements:
        return Refusal("overloaded", f"{context.limits.announcements} announcements is the most.")
    until = _end(command, context.now)
    if isinstance(until, Refusal):
        return until
    if command.countdown and until is None:
        return Refusal("invalid", "What has no end cannot count down to it.")
    words = written(state, actor, command.variants, context)
    if isinstance(words, Refusal):
        return words
    variants, contents = words
    sent = AnnouncementSent(
        announcement_id=AnnouncementId(context.entropy.new_id()),
        author_id=actor.id,
        variants=variants,
        until=until,
        pinned=command.pinned,
        countdown=command.countdown,
    )
    return Decided((sent,), Result(announcement_id=sent.announcement_id), contents=contents)


def correct(
    state: RoomState, actor: Participant, command: CorrectAnnouncement, context: Context
) -> Decided | Refusal:
    """What it says from now on, and how; whoever has it sees it change, who had it and is left
    without words loses it."""
    known = state.announcements.get(command.announcement_id)
    if known is None:
        return Refusal("not_found", "There is no such announcement.")
    if known.status is not AnnouncementStatus.ACTIVE:
        return Refusal("wrong_state", "Nobody sees this announcement any more.")
    if known.revision != command.revision:
        return Refusal("stale", "Someone else has changed this announcement meanwhile.")
    if command.until is not None and command.until <= context.now:
        return Refusal("invalid", "It would be over before anyone reads it.")
    variants: tuple[Variant, ...] = known.variants
    contents: tuple[Content, ...] = ()
    if command.variants is not None:
        words = written(state, actor, command.variants, context)
        if isinstance(words, Refusal):
            return words
        variants, contents = words
    corrected = replace(
        known,
        revision=known.revision + 1,
        variants=variants,
        until=command.until or known.until,
        pinned=known.pinned if command.pinned is None else command.pinned,
        countdown=known.countdown if command.countdown is None else command.countdown,
    )
    if corrected.countdown and corrected.until is None:
        return Refusal("invalid", "What has no end cannot count down to it.")
    return Decided(
        (_changed(corrected),),
        Result(announcement_id=known.id),
        contents=contents,
        erase=tuple(each.content_id for each in known.variants) if contents else (),
    )


def withdraw(
    state: RoomState, actor: Participant, command: WithdrawAnnouncement, _: Context
) -> Decided | Refusal:
    """It goes from every screen; the team still knows what it said."""
    known = state.announcements.get(command.announcement_id)
    if known is None:
        return Refusal("not_found", "There is no such announcement.")
    if known.status is AnnouncementStatus.SAVED:
        return thrown_away(known)
    if known.status is AnnouncementStatus.WITHDRAWN:
        return Decided(result=Result(announcement_id=known.id))
    return Decided((_changed(_taken_back(known)),), Result(announcement_id=known.id))


def lapsed_announcements(state: RoomState, now: datetime) -> Iterator[Event]:
    """What ends the announcements whose time is over."""
    for each in state.announcements.values():
        active = each.status is AnnouncementStatus.ACTIVE
        if active and each.until is not None and each.until <= now:
            over = replace(each, revision=each.revision + 1, status=AnnouncementStatus.EXPIRED)
            yield _changed(over)


def without_words(state: RoomState, owned: frozenset[ContentId]) -> Iterator[Event]:
    """What takes back the announcements of which some words are about to be erased."""
    for each in list(state.announcements.values()):
        if owned.isdisjoint(variant.content_id for variant in each.variants):
            continue
        if each.status is AnnouncementStatus.SAVED:
            yield gone(each)
        elif each.status is AnnouncementStatus.ACTIVE:
            yield _changed(_taken_back(each))


def fold_sent(state: RoomState, recorded: Recorded, event: AnnouncementSent) -> None:
    saved = state.announcements.get(event.announcement_id)
    state.announcements[event.announcement_id] = Announcement(
        id=event.announcement_id,
        author_id=event.author_id,
        at=recorded.at,
        revision=1 if saved is None else saved.revision + 1,
        status=AnnouncementStatus.ACTIVE,
        variants=event.variants,
        until=event.until,
        pinned=event.pinned,
        countdown=event.countdown,
    )


def fold_changed(state: RoomState, recorded: Recorded, event: AnnouncementChanged) -> None:
    state.announcements[event.announcement_id] = replace(
        state.announcements[event.announcement_id],
        revision=event.revision,
        status=event.status,
        variants=event.variants,
        until=event.until,
        pinned=event.pinned,
        countdown=event.countdown,
    )


def _taken_back(announcement: Announcement) -> Announcement:
    revision = announcement.revision + 1
    return replace(announcement, revision=revision, status=AnnouncementStatus.WITHDRAWN)


def _changed(announcement: Announcement) -> AnnouncementChanged:
    return AnnouncementChanged(
        announcement_id=announcement.id,
        revision=announcement.revision,
        status=announcement.status,
        variants=announcement.variants,
        until=announcement.until,
        pinned=announcement.pinned,
        countdown=announcement.countdown,
    )


def _end(command: SendAnnouncement, now: datetime) -> datetime | Refusal | None:
    """When it is over by itself."""
    until = command.until
    if until is not None and command.lasts_s is not None:
        return Refusal("invalid", "It ends at a time or after a while, not both.")
    if command.lasts_s is not None:
        if not 0 < command.lasts_s <= LONGEST.total_seconds():
            return Refusal("invalid", f"It lasts {LONGEST.days} days at most.")
        until = now + timedelta(seconds=command.lasts_s)
    if until is not None and until <= now:
        return Refusal("invalid", "It would be over before anyone reads it.")
    return until
