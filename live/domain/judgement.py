"""What is made of a text beside its words: what weighed in a judgement, and hints for the team.

All of it is drawn from personal text: it is kept with the content and goes with it.
"""

from __future__ import annotations

from typing import Literal

from live.domain.subject import Subject, SubjectKind
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Weighed:
    """One thing that weighed: ``words`` of the text itself, or a subject decided on earlier that it
    is ``like`` (``SOMETHING_EARLIER`` where that was in another session, or is gone).

    ``weight`` is its part of the judgement: above 0 it spoke for it, below 0 against.
    """

    weight: float
    words: str | None = None
    like: Subject | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that may be so: ``value`` names it.

    ``why``: for its ``words`` or its ``topic`` (``evidence`` says which), for the ``segment`` that
    its author is of, or for what it ``sounds`` like, with that ``likelihood``.
    """

    value: str
    why: Literal["words", "topic", "segment", "sounds"]
    evidence: str | None = None
    likelihood: float | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What a text suggests, for the team alone; nothing follows from it by itself.

    ``question``: how likely (0 to 1) a chat line asks something. ``segment``: the one that its
    author seems to belong to. ``desk``: who in the house should take it.
    ``weighed``: what made the learned filter's score, the heaviest first.
    """

    question: float | None = None
    segment: Hint | None = None
    desk: Hint | None = None
    weighed: tuple[Weighed, ...] = ()


SOMETHING_EARLIER = Subject(SubjectKind.MESSAGE, "")

NO_HINTS = Hints()
