"""What viewers may get at the most, kept within the operator's link also while pictures grow.

Who comes later gives way first, one step at a time, and nobody stutters: a smaller picture, then
the sound alone. Where room is left again, those who came first get better first.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from live.media.admission import Traffic
from live.media.layers import SOUND_ALONE
from live.ports.media import LegId, LegOwner

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0

ROOM: Final = 0.85
"""Share of the link up to which viewers are let up again: a rate that trembles lowers nobody."""

_SOUND: Final = -1


def balanced(
    here: Mapping[LegId, LegOwner], traffic: Traffic, egress_bps: int
) -> dict[LegId, LegOwner]:
    """Those of `here`, in the order of their coming, who are to get another `most` from now on."""
    viewers = {leg_id: owner for leg_id, owner in here.items() if _counts(owner, traffic)}
    places = {leg_id: _place(owner, traffic) for leg_id, owner in viewers.items()}
    total_bps = sum(map(traffic.of, here.values()))
    before = dict(places)
    if total_bps > egress_bps:
        _lower(viewers, places, traffic, total_bps - egress_bps)
    else:
        _raise(viewers, places, traffic, int(ROOM * egress_bps) - total_bps)
    return {
        leg_id: replace(viewers[leg_id], most=_name(viewers[leg_id], place, traffic))
        for leg_id, place in places.items()
        if place != before[leg_id]
    }


async def keep_balance(
    egress_bps: int,
    watching: Callable[[], Mapping[LegId, LegOwner]],
    traffic: Callable[[], Traffic],
    limit: Callable[[LegId, LegOwner], Awaitable[None]],
) -> None:
    """Once a second, tell `limit` who is to get another `most`; until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        changed = balanced(watching(), traffic(), egress_bps)
        if changed:
            log.info("%d viewers get another picture: the link is bounded", len(changed))
        for leg_id, owner in changed.items():
            await limit(leg_id, owner)


def _counts(owner: LegOwner, traffic: Traffic) -> bool:
    return owner.kind == "viewer" and owner.picture and traffic.knows(owner.session_id)


def _place(owner: LegOwner, traffic: Traffic) -> int:
    """Where it stands on the ladder of its session."""
    if owner.most == SOUND_ALONE:
        return _SOUND
    names = [rate.name for rate in traffic.rates(owner.session_id)]
    if owner.most is None:
        return len(names) - 1
    return names.index(owner.most) if owner.most in names else 0


def _name(owner: LegOwner, place: int, traffic: Traffic) -> str | None:
    rates = traffic.rates(owner.session_id)
    if place == _SOUND:
        return SOUND_ALONE
    return None if place == len(rates) - 1 else rates[place].name


def _step_bps(owner: LegOwner, place: int, traffic: Traffic) -> int:
    """What this place costs more than the one below it."""
    here = replace(owner, most=_name(owner, place, traffic))
    below = replace(owner, most=_name(owner, place - 1, traffic))
    return max(0, traffic.of(here) - traffic.of(below))


def _lower(
    viewers: Mapping[LegId, LegOwner], places: dict[LegId, int], traffic: Traffic, over_bps: int
) -> None:
    for place in range(max(places.values(), default=_SOUND), _SOUND, -1):
        for leg_id in reversed(list(viewers)):
            if over_bps <= 0:
                return
            if places[leg_id] == place:
                over_bps -= _step_bps(viewers[leg_id], place, traffic)
                places[leg_id] -= 1


def _raise(
    viewers: Mapping[LegId, LegOwner], places: dict[LegId, int], traffic: Traffic, room_bps: int
) -> None:
    """One step at most for each: the next second tells what came of it."""
    below = sorted(viewers, key=lambda leg_id: places[leg_id])
    for leg_id in below:
        owner, place = viewers[leg_id], places[leg_id] + 1
        if place >= len(traffic.rates(owner.session_id)):
            continue
        step_bps = _step_bps(owner, place, traffic)
        if step_bps > room_bps:
            return
        room_bps -= step_bps
        places[leg_id] = place
