"""The team tells each cohort something in its own words, corrects it, takes it back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from live.domain.announcement import Announcement, AnnouncementStatus, Link, Variant, Wording
from live.domain.commands import (
    CorrectAnnouncement,
    DraftVariant,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.content import Content
from live.domain.events import AnnouncementChanged, AnnouncementSent, Event, Recorded
from live.domain.ids import AnnouncementId, ContentId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.state import RoomState
from live.domain.text import clean_language, clean_text
from live.domain.writing import new_content

LABEL_CHARS = 40
URL_CHARS = 2_000


def send(
    state: RoomState, actor: Participant, command: SendAnnouncement, context: Context
) -> Decided | Refusal:
    """One announcement, all of its variants at once."""
    if len(state.announcements) >= context.limits.announcements:
        return Refusal("overloaded", f"{context.limits.announcements} announcements is the most.")
    if command.until is not None and command.until <= context.now:
        return Refusal("invalid", "It would be over before anyone reads it.")
    written = _written(state, actor, command.variants, context)
    if isinstance(written, Refusal):
        return written
    variants, contents = written
    sent = AnnouncementSent(
        announcement_id=AnnouncementId(context.entropy.new_id()),
        author_id=actor.id,
        variants=variants,
        until=command.until,
    )
    return Decided((sent,), Result(announcement_id=sent.announcement_id), contents=contents)


def correct(
    state: RoomState, actor: Participant, command: CorrectAnnouncement, context: Context
) -> Decided | Refusal:
    """All of its variants as they read from now on; whoever has it sees it change, who had it and
    is left without loses it."""
    known = state.announcements.get(command.announcement_id)
    if known is None:
        return Refusal("not_found", "There is no such announcement.")
    if known.status is not AnnouncementStatus.ACTIVE:
        return Refusal("wrong_state", "Nobody sees this announcement any more.")
    if known.revision != command.revision:
        return Refusal("stale", "Someone else has changed this announcement meanwhile.")
    written = _written(state, actor, command.variants, context)
    if isinstance(written, Refusal):
        return written
    variants, contents = written
    corrected = replace(known, revision=known.revision + 1, variants=variants)
    return Decided(
        (_changed(corrected),),
        Result(announcement_id=known.id),
        contents=contents,
        erase=tuple(each.content_id for each in known.variants),
    )


def withdraw(
    state: RoomState, actor: Participant, command: WithdrawAnnouncement, _: Context
) -> Decided | Refusal:
    """It goes from every screen; the team still knows what it said."""
    known = state.announcements.get(command.announcement_id)
    if known is None:
        return Refusal("not_found", "There is no such announcement.")
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
        active = each.status is AnnouncementStatus.ACTIVE
        if active and not owned.isdisjoint(variant.content_id for variant in each.variants):
            yield _changed(_taken_back(each))


def wording(state: RoomState, variant: Variant) -> Wording | None:
    """What a variant says; None where its words are erased."""
    text = state.text(variant.content_id)
    if text is None:
        return None
    said = json.loads(text)
    link = said.get("link")
    return Wording(said["text"], None if link is None else Link(link["url"], link["label"]))


def fold_sent(state: RoomState, recorded: Recorded, event: AnnouncementSent) -> None:
    state.announcements[event.announcement_id] = Announcement(
        id=event.announcement_id,
        author_id=event.author_id,
        at=recorded.at,
        revision=1,
        status=AnnouncementStatus.ACTIVE,
        variants=event.variants,
        until=event.until,
    )


def fold_changed(state: RoomState, recorded: Recorded, event: AnnouncementChanged) -> None:
    state.announcements[event.announcement_id] = replace(
        state.announcements[event.announcement_id],
        revision=event.revision,
        status=event.status,
        variants=event.variants,
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
    )


def _written(
    state: RoomState, actor: Participant, drafts: Sequence[DraftVariant], context: Context
) -> tuple[tuple[Variant, ...], tuple[Content, ...]] | Refusal:
    """The variants and their words, each cohort at most once."""
    if not 1 <= len(drafts) <= context.limits.variants:
        return Refusal("invalid", f"An announcement has 1 to {context.limits.variants} variants.")
    variants: dict[tuple[str | None, str], Variant] = {}
    contents: list[Content] = []
    for draft in drafts:
        cohort = _cohort(state, draft)
        if isinstance(cohort, Refusal):
            return cohort
        if cohort in variants:
            return Refusal("invalid", "Two variants are for the same people.")
        said = _said(draft, context)
        if isinstance(said, Refusal):
            return said
        content, commitment = new_content(state, actor, said, context)
        contents.append(content)
        variants[cohort] = Variant(*cohort, content.id, commitment)
    return tuple(variants.values()), tuple(contents)


def _cohort(state: RoomState, draft: DraftVariant) -> tuple[str | None, str] | Refusal:
    if draft.segment is not None and state.session.segment_is_open(draft.segment) is None:
        return Refusal("invalid", "There is no such segment.")
    if draft.language is None:
        return draft.segment, state.session.languages[0]
    language = clean_language(draft.language)
    if language not in state.session.languages:
        return Refusal("invalid", "This show is not held in that language.")
    return draft.segment, language


def _said(draft: DraftVariant, context: Context) -> str | Refusal:
    """The words of a draft as they are kept, if they may be said."""
    text = clean_text(draft.text, context.limits.text)
    if isinstance(text, Refusal):
        return text
    said: dict[str, object] = {"text": text}
    if draft.link is not None:
        label = clean_text(draft.link.label, LABEL_CHARS)
        if isinstance(label, Refusal):
            return label
        if not _leads_somewhere(draft.link.url):
            return Refusal("invalid", "A link begins with https:// or http:// and names a host.")
        said["link"] = {"url": draft.link.url, "label": label}
    return json.dumps(said, ensure_ascii=False)


def _leads_somewhere(url: str) -> bool:
    """Whether a browser would open it as a page: nothing that runs, nothing relative."""
    if len(url) > URL_CHARS or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)
