"""What the team did for its audience without being cued, and how the audience was before and after.

Announcements sent, polls opened, parts gone to. What a cue led to stands with that cue
(``adaptation``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from live.domain.announcement import AnnouncementStatus, Variant
from live.domain.cue import ActKind
from live.domain.poll import Addressee
from live.domain.pulse import BEGUN, LEFT, MESSAGE, QUESTION, Tick
from live.domain.runshow import parts_of
from live.domain.state import RoomState
from moderation.cues.adaptation import Around, around
from moderation.cues.history import EVERYONE, Group

SIGNALS: Final = (MESSAGE, QUESTION, BEGUN["applause"], BEGUN["confused"], LEFT)
"""What is measured of each: an act without a cue was about no signal in particular."""

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Deed:
    """``kind`` of ``id``, done at a moment for these people."""

    kind: ActKind
    id: str
    at: datetime
    group: Group


@dataclass(frozen=True, slots=True)
class Effect:
    """What each signal did around a deed."""

    deed: Deed
    signals: Mapping[str, Around]


def deeds(state: RoomState) -> list[Deed]:
    """Those of a show that is or was live, oldest first, the latest ``MOST`` of them."""
    since = state.session.live_since
    cued = {(each.did.kind, each.did.id) for each in state.cues if each.did is not None}
    if since is None:
        return []
    found = (each for each in _all(state) if each.at > since and (each.kind, each.id) not in cued)
    return sorted(found, key=lambda each: each.at)[-MOST:]


def effects(done: Sequence[Deed], ticks: Iterable[Tick], now: datetime) -> list[Effect]:
    """All of them, the latest first; ``ticks`` are those of ``adaptation.span``."""
    by_at = {each.at: each for each in ticks}
    return [
        Effect(
            each,
            {signal: around(by_at, each.at, each.group, signal, now) for signal in SIGNALS},
        )
        for each in reversed(done)
    ]


def _all(state: RoomState) -> Iterator[Deed]:
    for told in state.announcements.values():
        if told.status is not AnnouncementStatus.SAVED:
            yield Deed(ActKind.SEND, told.id, told.at, _only(told.variants))
    for poll in state.polls.values():
        if poll.opened_at is not None:
            group = _only(poll.plan.audience or poll.plan.variants)
            yield Deed(ActKind.POLL, poll.id, poll.opened_at, group)
    for part in parts_of(state):
        serves = part.plan.segments
        group = Group(serves[0]) if len(serves) == 1 else EVERYONE
        for run in part.runs:
            yield Deed(ActKind.PART, part.id, run.since, group)


def _only(named: Sequence[Variant | Addressee]) -> Group:
    """The one segment that all of these are for; else everyone."""
    segments = {each.segment for each in named}
    return Group(segments.pop()) if len(segments) == 1 else EVERYONE
