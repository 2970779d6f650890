"""What the team does is written down so that nobody can change it afterwards without being seen.

Each record of a chain is hashed together with the hash of the one before. A record holds ids,
numbers and choices, and of words a salted commitment; the words lie beside it, where they can be
erased with their salt while the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from live.domain.content import commitment
from live.domain.ids import ParticipantId, SessionId

BRAND = "brand"
"""The chain of the installation itself; every other one is named by its session."""

BEGINNING = b""
"""The hash before the first record."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text that an act came with. Erasing who gave it (``by``) or whom it is ``about`` takes text
    and salt."""

    name: str
    text: str | None
    salt: bytes | None
    by: ParticipantId | None = None
    about: ParticipantId | None = None

    @property
    def commitment(self) -> str | None:
        if self.text is None or self.salt is None:
            return None
        return commitment(self.text, self.salt)


@dataclass(frozen=True, slots=True)
class Act:
    """One act, to be put at the end of a chain. ``body`` is JSON and never changes again."""

    body: str
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A record in its place; ``hash`` covers it and all before it."""

    n: int
    body: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it is kept, with its words as far as they are not erased."""

    link: Link
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts: ``id`` None for an owner who is in no session, and for the operator."""

    id: ParticipantId | None
    role: str


def make_act(
    action: str,
    by: Doer,
    at: datetime,
    salt: Callable[[], bytes],
    *,
    told: Mapping[str, object],
    words: Mapping[str, str],
    about: ParticipantId | None = None,
) -> Act:
    """An act of this moment. ``told`` is JSON that holds nobody's words; ``words`` does."""
    kept = tuple(Words(name, text, salt(), by.id, about) for name, text in sorted(words.items()))
    body: dict[str, object] = {
        "at": at.isoformat(timespec="microseconds"),
        "by": by.id,
        "role": by.role,
        "action": action,
        **told,
    }
    if kept:
        body["words"] = {each.name: each.commitment for each in kept}
    return Act(canonical(body), kept)


def canonical(value: object) -> str:
    """The one way in which a value is written as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def linked(chain: str, previous: bytes, n: int, body: str) -> Link:
    """The record with the hash that it has after ``previous``, the hash before it."""
    hashed = hashlib.blake2b(digest_size=32, person=b"causerie audit")
    for part in (previous, chain.encode(), str(n).encode(), body.encode()):
        # Lengths in between: no two records run together to the same bytes.
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return Link(n, body, hashed.digest())


def chain_of(session_id: SessionId) -> str:
    """The chain of a session's acts."""
    return str(session_id)
