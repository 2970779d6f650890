"""Moderators at desks of their own, far away or gone for a while, who act on what they see.

Each has what a page has: a connection that takes its time, a screen folded from what arrived, and
an outbox that sends again, under the same ids, whatever was not answered.
"""

from __future__ import annotations

from collections import deque
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from live.gateway.packets import Packet
from live.ports.clock import Clock
from live.wire.codes import CloseCode
from tests.support.reducer import fold_into
from tests.support.socket_fake import Client, FakeSocket, Json, frames

VERDICTS = {
    ("message", "pending"): ("publish", "publish", "refuse"),
    ("message", "published"): ("remove",),
    ("question", "pending"): ("publish", "publish", "dismiss"),
    ("question", "published"): ("pick", "dismiss"),
    ("question", "picked"): ("answering", "answered"),
    ("question", "answering"): ("answered",),
    ("question", "dismissed"): ("restore",),
}


@dataclass(eq=False)
class Screen(Client):
    """A client that folds in place, and remembers what it was told since its last snapshot."""

    told: list[list[Json]] = field(default_factory=list)
    start: Json = field(default_factory=dict)

    def _replace(self, frame: Json) -> None:
        super()._replace(frame)
        self.start = deepcopy(frame["snapshot"])
        self.told = []

    def _events(self, frame: Json) -> None:
        assert frame["after"] == self.position, "frames are contiguous"
        assert self.state is not None
        fold_into(self.state, frame["events"])
        self.told.append(frame["events"])
        self.position = frame["upto"]


@dataclass(eq=False)
class FarSocket(FakeSocket):
    """What is said arrives ``delay_s`` later, either way; what is on its way is lost with it."""

    clock: Clock | None = None
    delay_s: float = 0.0
    coming: deque[tuple[float, bytes]] = field(default_factory=deque)
    going: deque[tuple[float, Json]] = field(default_factory=deque)

    @property
    def _later(self) -> float:
        assert self.clock is not None
        return self.clock.monotonic() + self.delay_s

    def emit(self, packet: Packet) -> None:
        if not self.closing and not self.disconnected:
            self.coming.extend((self._later, payload) for payload in frames(packet.plain))
            self.arrive()

    def say(self, **frame: Any) -> None:
        self.going.append((self._later, frame))
        self.arrive()

    def arrive(self) -> None:
        """Hand over what has been under way for long enough."""
        assert self.clock is not None
        now = self.clock.monotonic()
        while self.coming and self.coming[0][0] <= now:
            self.client.receive(self.coming.popleft()[1])
        while self.going and self.going[0][0] <= now and not self.disconnected:
            super().say(**self.going.popleft()[1])


@dataclass(eq=False)
class Moderator:
    """Someone who decides at random; ``chance`` is theirs alone."""

    name: str
    chance: Random
    delay_s: float = 0.0
    screen: Screen = field(default_factory=Screen)
    socket: FarSocket | None = None
    said: int = 0
    waiting: dict[str, Json] = field(default_factory=dict)
    """Not answered yet, in the order of saying."""
    asked: dict[str, Json] = field(default_factory=dict)

    @property
    def is_here(self) -> bool:
        return self.socket is not None and not self.socket.disconnected

    def arrived(self, socket: FarSocket) -> None:
        """A new connection: what was not answered is said again."""
        self.socket = socket
        for frame in list(self.waiting.values()):
            socket.say(**frame)

    def leave(self) -> None:
        """The network is gone, with all that is on its way."""
        if self.socket is not None:
            self.socket.disconnect()

    def look(self) -> None:
        """Take what has arrived, and strike off what was answered."""
        if self.socket is not None and not self.socket.disconnected:
            self.socket.arrive()
            assert self.socket.closed in (None, CloseCode.RESTART)
        if self.screen.failure is not None:
            raise self.screen.failure
        for name in [name for name in self.waiting if name in self.screen.answers]:
            del self.waiting[name]

    def act(self) -> None:
        """Do something about what the screen shows, whether it is still so or not."""
        thought = self._thought()
        if thought is None:
            return
        self.said += 1
        name = f"{self.name}-{self.said}"
        frame = {"id": name, "type": thought[0], "data": thought[1]}
        self.waiting[name] = self.asked[name] = frame
        if self.socket is not None and self.is_here:
            self.socket.say(**frame)

    def _thought(self) -> tuple[str, Json] | None:
        state, chance = self.screen.state, self.chance
        assert state is not None
        items = self._items(state)
        if not items:
            return None
        draw = chance.random()
        if draw < 0.12 and state["decisions"]:
            undone = chance.choice(state["decisions"][-12:])
            return "moderation.undo", {"decision_id": undone["id"]}
        if draw < 0.24:
            return self._many(chance.sample(items, min(len(items), chance.randint(2, 8))))
        kind, item, verdict = chance.choice(items)
        subject = {"kind": kind, "id": item["id"]}
        if draw < 0.34:
            claims = {each["subject"]["id"] for each in state["claims"]}
            release = item["id"] in claims and chance.random() < 0.5
            return f"moderation.{'release' if release else 'claim'}", {"subject": subject}
        if draw < 0.38:
            words = {f"{kind}_id": item["id"], "text": f"{item['text']} ({self.said})"}
            return f"{kind}.edit", {**words, "revision": item["revision"]}
        if draw < 0.42:
            return "moderation.assign", {"subject": subject, "participant_id": self.name}
        return "moderation.decide", {
            "subject": subject,
            "revision": item["revision"],
            "verdict": verdict,
        }

    def _items(self, state: Json) -> list[tuple[str, Json, str]]:
        """What may be decided on, most of it what waits longest: all desks reach for the same."""
        live = [("message", each) for each in state["messages"][-4:]]
        live += [("question", each) for each in state["questions"]["items"][-4:]]
        held = [(each["kind"], each) for each in state["held"]["items"][:12]]
        once = {item["id"]: (kind, item) for kind, item in (*live, *held)}
        return [
            (kind, item, self.chance.choice(VERDICTS[kind, item["status"]]))
            for kind, item in once.values()
            if "text" in item and (kind, item["status"]) in VERDICTS
        ]

    def _many(self, items: list[tuple[str, Json, str]]) -> tuple[str, Json]:
        subjects = [
            {
                "subject": {"kind": kind, "id": item["id"]},
                "revision": item["revision"],
                "verdict": verdict,
            }
            for kind, item, verdict in items
        ]
        return "moderation.decide_many", {"verdict": items[0][2], "subjects": subjects}

    def decisions(self) -> list[str]:
        """What the server says that this person decided, by the ids of the decisions."""
        made: list[str] = []
        for name in self.asked:
            answer = self.screen.answers[name]
            if answer["t"] != "ack":
                continue
            data = answer["data"]
            if "each" in data:
                made += [each["decision_id"] for each in data["each"] if "decision_id" in each]
            elif "decision" in data:
                made.append(data["decision"]["id"])
            elif self.asked[name]["type"] in {"moderation.decide", "moderation.undo"}:
                made.append(data["id"])
        return made
