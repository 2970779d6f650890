"""How a room works: its bounds and its patience."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from live.domain.outcome import Limits


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """``reserved`` gives the skeletons of names that only staff may bear (the brand's); it is asked
    at each change of a name, so that it may change.

    Resume reaches back ``resume_events`` events or ``resume_s`` seconds, whichever is more. A text
    that the gate has not reviewed within ``gate_deadline_s`` is held if ``hold_unreviewed``, and
    otherwise passes as the session's mode has it.

    Taps wait up to ``gather_s`` for others, so that many share one transaction: they are shown four
    times a second at most. Whatever else is asked takes those along that wait. Where more came
    during a step, the next one begins up to ``share_s`` after that one did; where more are about to
    come, it waits as long for them.

    While a step waits for the store longer than ``stall_s``, or ``queue_limit`` commands wait, new
    ones are refused with ``retry_after_s``: what was taken is answered in bounded time.
    """

    limits: Limits = field(default_factory=Limits)
    skeleton: Callable[[str], str] = str.casefold
    reserved: Callable[[], frozenset[str]] = frozenset
    queue_limit: int = 4_096
    batch_limit: int = 256
    gather_s: float = 0.25
    share_s: float = 0.03
    stall_s: float = 1.0
    gate_deadline_s: float = 0.25
    hold_unreviewed: bool = True
    window: int = 5_000
    resume_events: int = 10_000
    resume_s: float = 120.0
    remembered_events: int = 60_000
    remembered_keys: int = 1_000
    tally_every_s: float = 0.25
    retry_after_s: float = 1.0
    idle_s: float = 300.0
