"""Streams to viewers that get all a source delivers as it comes: sent to together.

A stream that begins, waits for a keyframe or is about to change is a `Sink` of its own instead, and
looks at each frame by itself. What a follower has to know it is told when it leaves.
"""

from typing import Protocol

from live.media.packets import Packet, Runs, signed_distance
from live.media.writing import Crowd, Rewriting, Writer

Newest = tuple[Packet, float]
"""The packet of the highest number, and when it was sent."""


class Follower(Protocol):
    """A stream to one viewer."""

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        """Forward packets alone, as a `Sink`; while it follows, its writer does."""

    def left(self, newest: Newest | None) -> None:
        """It is a follower no more; `newest` is what it was sent last, None if nothing was."""


class Followers:
    """Those of one source, and what they were sent last."""

    def __init__(self) -> None:
        self._members: dict[Follower, Rewriting] = {}
        self._joining: dict[Follower, Rewriting] = {}
        self._crowd: Crowd | None = None
        self._newest: Newest | None = None

    def __len__(self) -> int:
        return len(self._members) + len(self._joining)

    def __contains__(self, follower: object) -> bool:
        return follower in self._members or follower in self._joining

    def join(self, follower: Follower, rewriting: Rewriting) -> None:
        """Send to it too, from the next delivery on; `rewriting` stays as it is until it left."""
        self._joining[follower] = rewriting

    def admit(self) -> None:
        """A delivery begins: who joined by now gets it."""
        if not self._joining:
            return
        if not self._members:
            self._newest = None
        self._members |= self._joining
        self._joining.clear()
        self._crowd = None

    def newest(self, follower: Follower) -> Newest | None:
        """What a follower was sent last; None if nothing was since it joined."""
        return self._newest if follower in self._members else None

    def send(self, writer: Writer, runs: Runs, now: float) -> None:
        """Send to all who were admitted."""
        if not self._members:
            return
        crowd = self._crowd
        if crowd is None:
            crowd = self._crowd = Crowd(tuple(self._members.values()))
        writer.send(crowd, runs, now)
        last = runs[-1].packets[-1]
        newest = self._newest
        if newest is None or signed_distance(last.sequence, newest[0].sequence) >= 0:
            self._newest = (last, now)

    def discard(self, follower: Follower) -> None:
        """Send nothing more to it, and tell it so. Idempotent."""
        if self._joining.pop(follower, None) is not None:
            follower.left(None)
        elif self._members.pop(follower, None) is not None:
            self._crowd = None
            follower.left(self._newest)

    def disband(self) -> list[Follower]:
        """Discard all; who they were."""
        former = [*self._members, *self._joining]
        for follower in former:
            self.discard(follower)
        return former
