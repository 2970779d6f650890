"""The run of show: its parts, what is on now, what comes next, and when each part really ran.

What is asked of it and the facts that come of it stand here too; ``live.domain.planning`` decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from live.domain.fact import Event
from live.domain.ids import ContentId, ParticipantId, PartId


class PartStatus(StrEnum):
    """``skipped`` stays in its place and is passed over; ``removed`` is for good."""

    PLANNED = "planned"
    SKIPPED = "skipped"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """A time in which a part was on; ``until`` None: it is."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a part says; kept as one erasable content. ``titles`` are by language, ``script`` is
    what the host reads (the teleprompter), in lines."""

    titles: Mapping[str, str]
    goal: str = ""
    script: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned of a part: its target ``minutes`` (None: none), the ``segments`` that it
    serves (none: everyone), whether viewers may see it coming (``public``), and where its words
    lie (None: they were erased)."""

    minutes: int | None
    segments: tuple[str, ...]
    public: bool
    content_id: ContentId | None
    commitment: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One item of the run of show as it stands. ``by`` made its last revision; ``runs`` are oldest
    first, and only the last may be under way."""

    id: PartId
    revision: int
    by: ParticipantId
    status: PartStatus
    plan: Plan
    runs: tuple[Run, ...] = ()

    @property
    def is_on(self) -> bool:
        return bool(self.runs) and self.runs[-1].until is None


@dataclass(frozen=True, slots=True)
class Runshow:
    """The parts in their ``order``; ``current`` is on; ``shown``: viewers see now and next.
    ``revision`` counts changes of order and of ``shown``, ``by`` made the last one, ``moved_by``
    moved the show on last."""

    order: tuple[PartId, ...] = ()
    shown: bool = False
    current: PartId | None = None
    revision: int = 0
    by: ParticipantId | None = None
    moved_by: ParticipantId | None = None


# --- what is asked


@dataclass(frozen=True, slots=True)
class PartDraft:
    """All that a part is to be."""

    titles: Mapping[str, str]
    minutes: int | None = None
    goal: str = ""
    segments: tuple[str, ...] = ()
    script: str = ""
    public: bool = True


@dataclass(frozen=True, slots=True)
class AddPart:
    """``before`` None: at the end."""

    part: PartDraft
    before: PartId | None = None


@dataclass(frozen=True, slots=True)
class EditPart:
    part_id: PartId
    revision: int
    part: PartDraft


@dataclass(frozen=True, slots=True)
class MovePart:
    """``before`` None: to the end."""

    part_id: PartId
    revision: int
    before: PartId | None = None


@dataclass(frozen=True, slots=True)
class SkipPart:
    """Pass over it when its turn comes, or (``on`` False) no longer."""

    part_id: PartId
    revision: int
    on: bool


@dataclass(frozen=True, slots=True)
class StretchPart:
    """Give it more minutes, or fewer; two who do it both count."""

    part_id: PartId
    by_min: int


@dataclass(frozen=True, slots=True)
class RemovePart:
    part_id: PartId
    revision: int


@dataclass(frozen=True, slots=True)
class GoToPart:
    """Go from the part that is on (``leaving``, as it was seen) to another; None: to none."""

    part_id: PartId | None
    leaving: PartId | None


@dataclass(frozen=True, slots=True)
class ShowRunshow:
    """Whether viewers see what is on and what comes next."""

    on: bool


@dataclass(frozen=True, slots=True)
class ImportParts:
    """Many at once, at the end; ``replace`` takes the place of all that have not been on yet, and
    of the ``revision`` of the run of show that was seen."""

    drafts: tuple[PartDraft, ...] = field(repr=False)
    replace: bool = False
    revision: int | None = None


RunshowCommand = (
    AddPart
    | EditPart
    | MovePart
    | SkipPart
    | StretchPart
    | RemovePart
    | GoToPart
    | ShowRunshow
    | ImportParts
)


# --- what happened


@dataclass(frozen=True, slots=True)
class PartChanged(Event):
    """A part as it is from now on, its runs aside. ``seen``: with this, viewers see something
    else (the same in the events below)."""

    type: ClassVar[str] = "part.changed"
    part_id: PartId
    revision: int
    by: ParticipantId
    status: PartStatus
    plan: Plan
    seen: bool = False


@dataclass(frozen=True, slots=True)
class RunshowChanged(Event):
    """The parts in their order from now on, and whether viewers see what is on and next."""

    type: ClassVar[str] = "runshow.changed"
    order: tuple[PartId, ...]
    shown: bool
    by: ParticipantId
    seen: bool = False


@dataclass(frozen=True, slots=True)
class RunshowMoved(Event):
    """From one part to another (None: none). ``by`` None: the show itself began or ended."""

    type: ClassVar[str] = "runshow.moved"
    part_id: PartId | None
    left_id: PartId | None
    by: ParticipantId | None
    seen: bool = False


PartEvent = PartChanged | RunshowChanged | RunshowMoved


# --- what comes when


def upcoming(parts: Sequence[Part]) -> Iterator[Part]:
    """Of the parts in their order, those that are still to come, in turn."""
    ran = [index for index, part in enumerate(parts) if part.runs]
    latest = max(ran, key=lambda index: parts[index].runs[-1].since, default=-1)
    return (part for part in parts[latest + 1 :] if part.status is PartStatus.PLANNED)


def part_at(parts: Sequence[Part], moment: datetime) -> Part | None:
    """The part that was on at a moment, as what was learnt then belongs to it."""
    for part in parts:
        for run in part.runs:
            if run.since <= moment and (run.until is None or moment < run.until):
                return part
    return None
