"""The words of announcements: checked when they are written, kept as erasable contents, read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

from live.domain.announcement import Link, Product, Variant, Wording
from live.domain.announcement_commands import DraftVariant
from live.domain.content import Content
from live.domain.outcome import Context, Refusal
from live.domain.people import Participant
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.variants import variants_of

LABEL_CHARS: Final = 40
NAME_CHARS: Final = 80
PRICE_CHARS: Final = 40
URL_CHARS: Final = 2_000
_IMAGE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def written(
    state: RoomState, actor: Participant, drafts: Sequence[DraftVariant], context: Context
) -> tuple[tuple[Variant, ...], tuple[Content, ...]] | Refusal:
    """The variants and their words, each cohort at most once."""

    def said(draft: DraftVariant) -> str | Refusal:
        cleaned = _cleaned(draft, context.limits.text)
        return cleaned if isinstance(cleaned, Refusal) else _kept(cleaned)

    return variants_of(state, actor, drafts, said, context)


def wording(state: RoomState, variant: Variant) -> Wording | None:
    """What a variant says; None where its words are erased."""
    text = state.text(variant.content_id)
    if text is None:
        return None
    said = json.loads(text)
    return Wording(
        text=said["text"],
        link=Link(**said["link"]) if "link" in said else None,
        product=Product(**said["product"]) if "product" in said else None,
        translated=said.get("translated", False),
    )


def _kept(said: Wording) -> str:
    """As one content: without what is not there."""
    told: dict[str, Any] = {
        name: value for name, value in asdict(said).items() if value not in (None, False)
    }
    return json.dumps(told, ensure_ascii=False)


def _cleaned(draft: DraftVariant, text_chars: int) -> Wording | Refusal:
    """What a draft says, if it may be said."""
    text: str | Refusal = ""
    if draft.product is None or draft.text.strip():
        text = clean_text(draft.text, text_chars)
    if isinstance(text, Refusal):
        return text
    link = None if draft.link is None else _link(draft.link)
    if isinstance(link, Refusal):
        return link
    product = None if draft.product is None else _product(draft.product)
    if isinstance(product, Refusal):
        return product
    return Wording(text, link, product, draft.translated)


def _link(link: Link) -> Link | Refusal:
    label = clean_text(link.label, LABEL_CHARS)
    if isinstance(label, Refusal):
        return label
    if not leads_somewhere(link.url):
        return Refusal("invalid", "A link begins with https:// or http:// and names a host.")
    return Link(link.url, label)


def _product(product: Product) -> Product | Refusal:
    name = clean_text(product.name, NAME_CHARS)
    if isinstance(name, Refusal):
        return name
    price = None if product.price is None else clean_text(product.price, PRICE_CHARS)
    if isinstance(price, Refusal):
        return price
    if product.image is not None and _IMAGE.fullmatch(product.image) is None:
        return Refusal("invalid", "There is no such picture.")
    return Product(name, price, product.image)


def leads_somewhere(url: str) -> bool:
    """Whether a browser would open it as a page: nothing that runs, nothing relative, nobody's
    password."""
    if len(url) > URL_CHARS or not url.isprintable() or not url.isascii() or set(url) & set(' \\"'):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
