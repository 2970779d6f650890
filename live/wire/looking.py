"""What the team tells itself, and nobody keeps: who has which item before their eyes."""

from __future__ import annotations

from live.wire.base import Command, Id
from live.wire.shapes import Author, Shape, Subject, SubjectKind


class Watched(Shape, forbid_unknown_fields=True, frozen=True):
    """The item that is looked at."""

    kind: SubjectKind
    id: Id


class Look(Command, frozen=True):
    """Ephemeral, as staff: one has this item under one's eyes, or none (null), until one says
    otherwise or has no connection any more. A person looks at one item at a time."""

    subject: Watched | None


class Sight(Shape, frozen=True):
    """Who looks at what."""

    subject: Subject
    by: Author


class LookingFrame(Shape, tag_field="t", tag="looking", frozen=True):
    """For the team alone: all who look at something now, by their ids; the latest replaces the
    earlier. Comes when it changes, at most four times a second; none has come: nobody does."""

    data: list[Sight]
