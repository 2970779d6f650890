"""The run of show on the wire: what is asked, told and shown of its parts."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from live.wire.base import Command, Id
from live.wire.shape import Author, Shape

Titles = dict[
    Annotated[str, Meta(max_length=35)], Annotated[str, Meta(min_length=1, max_length=500)]
]
Minutes = Annotated[int, Meta(ge=1, le=600)]
Segments = Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=50)]


# --- what is shown


class NamedPart(Shape, frozen=True):
    """A part as viewers see it: its title by language."""

    id: str
    titles: dict[str, str]


class Run(Shape, frozen=True):
    """A time in which a part was on; ``until`` null: it is."""

    since: str
    until: str | None


class Part(Shape, frozen=True):
    """A part as the team sees it. ``by`` made its last revision. ``titles`` by language; none where
    the words were erased. ``minutes`` null: no target. ``segments`` it serves; none: everyone.
    ``script`` is what the host reads. ``public``: viewers may see it coming."""

    id: str
    revision: int
    status: Literal["planned", "skipped"]
    by: Author
    titles: dict[str, str]
    minutes: int | None
    goal: str
    segments: list[str]
    script: str
    public: bool
    runs: list[Run]


class PartTombstone(Shape, frozen=True):
    """A part that is no more."""

    id: str
    status: Literal["removed"]


class Runshow(Shape, frozen=True):
    """What is on and what comes next, as viewers see it. The team has besides whether they do
    (``shown``), the ``order`` of all parts, which one is on (``current``), and the ``revision``
    that changes of order raise."""

    now: NamedPart | None
    next: NamedPart | None
    shown: bool | UnsetType = UNSET
    order: list[str] | UnsetType = UNSET
    current: str | UnsetType | None = UNSET
    revision: int | UnsetType = UNSET


class RunshowChanged(Shape, frozen=True):
    """The run of show as it is from now on (null: viewers do not see it any more) and, for the
    team, the ``parts`` that changed."""

    runshow: Runshow | None
    parts: list[Part | PartTombstone] | UnsetType = UNSET


# --- what is asked


class PartDraft(Command, frozen=True):
    """All that a part is to be: a title in at least one language of the show."""

    titles: Titles
    minutes: Minutes | None = None
    goal: str = ""
    segments: Segments = field(default_factory=list)
    script: str = ""
    public: bool = True


class AddPart(Command, frozen=True):
    """One more part, as staff, before another one (absent: at the end)."""

    part: PartDraft
    before: Id | UnsetType = UNSET


class EditPart(Command, frozen=True):
    """Change a part, as staff: ``part`` is all that it is from now on."""

    part_id: Id
    revision: int
    part: PartDraft


class MovePart(Command, frozen=True):
    """Put a part before another one (absent: at the end), as staff."""

    part_id: Id
    revision: int
    before: Id | UnsetType = UNSET


class SkipPart(Command, frozen=True):
    """Pass over a part when its turn comes, or no longer, as staff."""

    part_id: Id
    revision: int
    on: bool


class StretchPart(Command, frozen=True):
    """Give a part more minutes, or fewer, as staff; whoever else does so at once counts too."""

    part_id: Id
    by_min: Annotated[int, Meta(ge=-600, le=600)]


class RemovePart(Command, frozen=True):
    """Take a part that has not been on out of the show, as staff."""

    part_id: Id
    revision: int


class GoToPart(Command, rename={"leaving": "from"}, frozen=True):
    """Move the show on, as staff: ``from`` the part that is on, as it was seen, to another; null is
    none."""

    part_id: Id | None = None
    leaving: Id | None = None


class ShowRunshow(Command, frozen=True):
    """Whether viewers see what is on and what comes next, as staff."""

    on: bool


COMMANDS: dict[str, type[Command]] = {
    "part.add": AddPart,
    "part.edit": EditPart,
    "part.move": MovePart,
    "part.skip": SkipPart,
    "part.stretch": StretchPart,
    "part.remove": RemovePart,
    "runshow.go": GoToPart,
    "runshow.show": ShowRunshow,
}

EVENTS: dict[str, type[Shape]] = {
    "part.changed": RunshowChanged,
    "runshow.changed": RunshowChanged,
    "runshow.moved": RunshowChanged,
}
