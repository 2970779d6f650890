"""Announcements between wire and room: what staff ask for, what each reader may have of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET

from live.domain import announcement_commands as domain
from live.domain.announcement import (
    Announcement,
    AnnouncementStatus,
    Link,
    Product,
    Variant,
    Wording,
    variant_for,
)
from live.domain.ids import AnnouncementId
from live.domain.wording import wording
from live.gateway.given import Translators, given
from live.gateway.views import View, rfc3339
from live.wire import announcement_shapes
from live.wire import announcing as wire

# --- what a reader may have


def announcement(
    view: View, announcement: Announcement
) -> announcement_shapes.Announcement | announcement_shapes.AnnouncementTombstone | None:
    """As it stands in front of this reader; None where there is nothing for them."""
    status = announcement.status
    if status is AnnouncementStatus.SAVED:
        return None
    if status is not AnnouncementStatus.ACTIVE:
        expired = status is AnnouncementStatus.EXPIRED
        return announcement_shapes.AnnouncementTombstone(
            id=announcement.id, status="expired" if expired else "withdrawn"
        )
    own = _own_variant(view, announcement)
    if own is None and not view.staff:
        return None
    return announcement_shapes.Announcement(
        id=announcement.id,
        revision=announcement.revision,
        status="active",
        at=rfc3339(announcement.at),
        text=UNSET if own is None else own.text,
        language=UNSET if own is None else own.language,
        link=UNSET if own is None else own.link,
        product=UNSET if own is None else own.product,
        translated=UNSET if own is None else own.translated,
        until=UNSET if announcement.until is None else rfc3339(announcement.until),
        pinned=announcement.pinned or UNSET,
        countdown=announcement.countdown or UNSET,
        author=view.author(announcement.author_id) if view.staff else UNSET,
        variants=_variants(view, announcement.variants) if view.staff else UNSET,
    )


def announcements(view: View) -> list[announcement_shapes.Announcement]:
    """Those that this reader has in front of them, oldest first."""
    shown = (announcement(view, each) for each in view.state.announcements.values())
    active = [each for each in shown if isinstance(each, announcement_shapes.Announcement)]
    return sorted(active, key=lambda each: (each.at, each.id))


def saved(
    view: View, announcement: Announcement
) -> announcement_shapes.SavedAnnouncement | announcement_shapes.SavedTombstone:
    """What the team has ready; sent or thrown away it is no longer that."""
    if announcement.status is not AnnouncementStatus.SAVED:
        return announcement_shapes.SavedTombstone(id=announcement.id, status="gone")
    return announcement_shapes.SavedAnnouncement(
        id=announcement.id,
        revision=announcement.revision,
        status="saved",
        at=rfc3339(announcement.at),
        variants=_variants(view, announcement.variants),
        lasts_s=UNSET if announcement.lasts_s is None else announcement.lasts_s,
        pinned=announcement.pinned or UNSET,
        countdown=announcement.countdown or UNSET,
        due=UNSET if announcement.due is None else rfc3339(announcement.due),
    )


def all_saved(view: View) -> list[announcement_shapes.SavedAnnouncement]:
    """All that the team has ready, oldest first."""
    shown = (saved(view, each) for each in view.state.announcements.values())
    ready = [each for each in shown if isinstance(each, announcement_shapes.SavedAnnouncement)]
    return sorted(ready, key=lambda each: (each.at, each.id))


def waiting(view: View, announcement: Announcement) -> announcement_shapes.SavedAnnouncement | None:
    """For the team, if it is ready and not sent yet."""
    shown = saved(view, announcement) if view.staff else None
    return shown if isinstance(shown, announcement_shapes.SavedAnnouncement) else None


def own_wording(view: View, announcement: Announcement) -> tuple[Variant, Wording] | None:
    """What this reader's cohort reads of an announcement, whatever its status."""
    cohort = view.own_cohort
    if cohort is None:
        return None
    found = variant_for(announcement.variants, *cohort, view.state.session.languages[0])
    said = None if found is None else wording(view.state, found)
    return None if found is None or said is None else (found, said)


def _own_variant(view: View, announcement: Announcement) -> announcement_shapes.Variant | None:
    own = own_wording(view, announcement)
    return None if own is None else _variant(*own)


def _variants(view: View, variants: Iterable[Variant]) -> list[announcement_shapes.Variant]:
    """Those whose words are not erased."""
    worded = ((each, wording(view.state, each)) for each in variants)
    return [_variant(each, said) for each, said in worded if said is not None]


def _variant(variant: Variant, said: Wording) -> announcement_shapes.Variant:
    link, product = said.link, said.product
    return announcement_shapes.Variant(
        segment=variant.segment,
        language=variant.language,
        text=said.text,
        link=UNSET if link is None else announcement_shapes.Link(url=link.url, label=link.label),
        product=UNSET
        if product is None
        else announcement_shapes.Product(
            name=product.name,
            price=UNSET if product.price is None else product.price,
            image=UNSET if product.image is None else product.image,
        ),
        translated=said.translated or UNSET,
    )


# --- what staff ask for


def _send(asked: wire.SendAnnouncement) -> domain.SendAnnouncement:
    return domain.SendAnnouncement(
        variants=drafts(asked.variants),
        until=given(asked.until),
        lasts_s=given(asked.lasts_s),
        pinned=asked.pinned,
        countdown=asked.countdown,
    )


def _save(asked: wire.SaveAnnouncement) -> domain.SaveAnnouncement:
    known = given(asked.announcement_id)
    return domain.SaveAnnouncement(
        variants=drafts(asked.variants),
        announcement_id=None if known is None else AnnouncementId(known),
        revision=given(asked.revision),
        lasts_s=given(asked.lasts_s),
        pinned=asked.pinned,
        countdown=asked.countdown,
        due=given(asked.due),
        after_s=given(asked.after_s),
    )


def _release(asked: wire.ReleaseAnnouncement) -> domain.ReleaseAnnouncement:
    return domain.ReleaseAnnouncement(AnnouncementId(asked.announcement_id), asked.revision)


def _correct(asked: wire.CorrectAnnouncement) -> domain.CorrectAnnouncement:
    return domain.CorrectAnnouncement(
        announcement_id=AnnouncementId(asked.announcement_id),
        revision=asked.revision,
        variants=None if asked.variants is UNSET else drafts(asked.variants),
        pinned=given(asked.pinned),
        countdown=given(asked.countdown),
        until=given(asked.until),
    )


def _withdraw(asked: wire.WithdrawAnnouncement) -> domain.WithdrawAnnouncement:
    return domain.WithdrawAnnouncement(AnnouncementId(asked.announcement_id))


# Each takes the command of its own key; the type of the table cannot say so.
COMMANDS: Translators = {
    wire.SendAnnouncement: _send,
    wire.SaveAnnouncement: _save,
    wire.ReleaseAnnouncement: _release,
    wire.CorrectAnnouncement: _correct,
    wire.WithdrawAnnouncement: _withdraw,
}


def drafts(variants: Sequence[wire.DraftVariant]) -> tuple[domain.DraftVariant, ...]:
    """As the room takes them."""
    return tuple(
        domain.DraftVariant(
            text=each.text,
            segment=given(each.segment),
            language=given(each.language),
            link=None if each.link is UNSET else Link(each.link.url, each.link.label),
            product=None if each.product is UNSET else _product(each.product),
            translated=each.translated,
        )
        for each in variants
    )


def _product(product: announcement_shapes.Product) -> Product:
    return Product(product.name, given(product.price), given(product.image))
