"""Acked ⊆ stored ⊆ seen by all who may see it; nothing twice; one order for all.

It knows the recorder's log, a dump of what is stored, and the contract; nothing of the server. Each
fault is told in a sentence; of the same kind of fault the first few are kept and all are counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tests.integration.chaos import records
from tests.integration.chaos.frames import Event, Frame, Item, decode
from tests.integration.chaos.person import LATER
from tests.integration.chaos.stored import Stored, StoredEvent

STAFF: Final = {"owner", "host", "moderator"}
TO_STAFF: Final = {"decision.made", "claim.changed", "staff.said", "report.filed", "cue.raised"}
TO_ONE: Final = {"ballot.cast", "person.muted"}
TO_STAFF_AND_ONE: Final = {"sanction.set"}
BEFORE_PUBLICATION: Final = {"message.held", "message.refused", "question.held"}
MAYBE: Final = {"participant.changed"}
"""Reaches also those who know the person's name from something public: how many is not followed."""
WINDOW: Final = 50
PROMISED_EVENTS: Final = 10_000
PROMISED_S: Final = 120.0
"""Who comes back from further away, by both measures, may get a snapshot."""
TOLD_OF_EACH: Final = 5


@dataclass(slots=True)
class Faults:
    """What is wrong, by kind."""

    counts: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)

    def tell(self, kind: str, sentence: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= TOLD_OF_EACH:
            self.sentences.append(f"{kind}: {sentence}")


@dataclass(slots=True)
class Findings:
    """The outcome of a check. `away_s` are the times from each loss of a connection to the next
    hello, with the moment of the loss; `acks_s` are the moments of all acks."""

    faults: Faults = field(default_factory=Faults)
    away: list[tuple[float, float]] = field(default_factory=list)
    acks_s: list[float] = field(default_factory=list)
    clients: int = 0
    commands: int = 0
    posts: int = 0
    stored: int = 0
    deliveries: int = 0
    resumed: int = 0
    skipped_ahead: int = 0


@dataclass(slots=True)
class _Client:
    """What is known of one client at a point of the log."""

    participant_id: str
    staff: bool
    position: int = -1
    listening: bool = False
    closed_s: float | None = None
    resuming: int | None = None
    fresh_look_due: bool = False
    sent: dict[str, tuple[str, Any]] = field(default_factory=dict)
    answers: dict[str, Frame] = field(default_factory=dict)


class Checker:
    """Goes once through the log, then compares the ends."""

    def __init__(self, stored: Stored) -> None:
        self.findings = Findings(stored=len(stored.events))
        self._faults = self.findings.faults
        self._stored = stored
        self._clients: dict[int, _Client] = {}
        self._frames: dict[int, Frame] = {}
        self._right: set[tuple[int, bool]] = set()
        self._events = {event.seq: event for event in stored.events}
        self._must = {
            staff: [e.seq for e in stored.events if self._sees(e, None, staff=staff) is True]
            for staff in (False, True)
        }
        self._own: dict[str, list[int]] = defaultdict(list)
        for event in stored.events:
            for person in self._concerned(event):
                self._own[person].append(event.seq)
        places = ((i.place, i.id) for i in stored.items.values() if i.kind == "message")
        self._places = sorted((place, item_id) for place, item_id in places if place is not None)

    def run(self, log: Iterable[records.Line]) -> Findings:
        """All findings of a complete log."""
        ended = False
        for line in log:
            match line:
                case records.Got():
                    self._got(line)
                case records.Frame(number=number, text=words):
                    self._frames[number] = decode(words)
                case records.Sent():
                    self._sent(line)
                case records.Opened(who=who, since=since):
                    self._clients[who].resuming = since
                case records.Closed(at_s=at_s, who=who):
                    client = self._clients[who]
                    if client.listening:
                        client.closed_s = at_s
                    client.listening = False
                case records.Person(who=who, participant_id=participant_id, role=role):
                    self._clients[who] = _Client(participant_id, role in STAFF)
                case records.Broken(who=who, sentence=sentence):
                    self._faults.tell("broken promise", f"client {who}: {sentence}")
                case records.Ended():
                    ended = True
        if not ended:
            self._faults.tell("unfinished", "the log has no end")
        self._compare()
        return self.findings

    # --- who may see what (contract: Events)

    def _sees(self, event: StoredEvent, person: str | None, *, staff: bool) -> bool | None:
        """Whether someone gets this event; None where both is right."""
        if event.type in MAYBE:
            return True if staff or (person is not None and person == event.by) else None
        if event.type in TO_ONE:
            return person is not None and person == event.by
        if staff:
            return True
        if event.type in TO_STAFF:
            return False
        if event.type in TO_STAFF_AND_ONE:
            return person is not None and person == event.by
        item = self._stored.items.get(event.subject or "")
        if item is None:
            return True
        if person is not None and person == item.author:
            return True
        return event.type not in BEFORE_PUBLICATION and (
            item.place is not None and event.seq >= item.place
        )

    def _concerned(self, event: StoredEvent) -> set[str]:
        """Those who may see an event that others of their kind may not."""
        item = self._stored.items.get(event.subject or "")
        people = {event.by, None if item is None else item.author} - {None}
        return {
            person
            for person in people
            if person is not None
            and any(
                self._sees(event, person, staff=staff) != self._sees(event, None, staff=staff)
                for staff in (False, True)
            )
        }

    # --- what was received

    def _got(self, got: records.Got) -> None:
        client, frame = self._clients[got.who], self._frames[got.frame]
        match frame.t:
            case "events":
                self._events_came(got, client, frame)
            case "hello":
                self._hello_came(got, client, frame)
            case "snapshot":
                self.findings.skipped_ahead += frame.reason == "slow"
                self._look(got.who, client, frame)
            case "ack" | "refused" if frame.id is not None:
                self._answer_came(got, client, frame)

    def _events_came(self, got: records.Got, client: _Client, frame: Frame) -> None:
        self.findings.deliveries += len(frame.events)
        if frame.after != client.position:
            self._faults.tell(
                "gap",
                f"client {got.who} was at {client.position} and got a frame after {frame.after}",
            )
            return
        client.position = frame.upto
        own = self._own.get(client.participant_id, [])
        alone = bisect_right(own, frame.upto) > bisect_right(own, frame.after)
        if not alone and (got.frame, client.staff) in self._right:
            return
        if self._is_right(got.who, client, frame) and not alone:
            self._right.add((got.frame, client.staff))

    def _is_right(self, who: int, client: _Client, frame: Frame) -> bool:
        """Whether the frame holds what this client may see of `(after, upto]`, once, in order."""
        before = self._faults.counts.total()
        seqs = [event.seq for event in frame.events]
        for seq, times in Counter(seqs).items():
            if times > 1:
                self._faults.tell("doubled", f"client {who} got event {seq} {times} times")
        if seqs != sorted(seqs):
            self._faults.tell("disorder", f"client {who} got events in the order {seqs}")
        for event in frame.events:
            self._compare_event(who, client, frame, event)
        for seq in self._expected(client, frame.after, frame.upto) - set(seqs):
            event_type = self._events[seq].type
            self._faults.tell("lost", f"client {who} never got event {seq} ({event_type})")
        return self._faults.counts.total() == before

    def _expected(self, client: _Client, after: int, upto: int) -> set[int]:
        seqs = self._must[client.staff]
        common = set(seqs[bisect_right(seqs, after) : bisect_right(seqs, upto)])
        own = self._own.get(client.participant_id, [])
        for seq in own[bisect_right(own, after) : bisect_right(own, upto)]:
            sees = self._sees(self._events[seq], client.participant_id, staff=client.staff)
            (common.add if sees else common.discard)(seq)
        return common

    def _compare_event(self, who: int, client: _Client, frame: Frame, event: Event) -> None:
        stored = self._events.get(event.seq)
        if stored is None or not frame.after < event.seq <= frame.upto:
            self._faults.tell(
                "not stored", f"client {who} got event {event.seq}, which is not there"
            )
            return
        if self._sees(stored, client.participant_id, staff=client.staff) is False:
            self._faults.tell("forbidden", f"client {who} got event {event.seq} ({stored.type})")
        subject = event.data.subject
        if event.type != stored.type or (subject is not None and subject != stored.subject):
            self._faults.tell(
                "swapped",
                f"event {event.seq} is {stored.type} of {stored.subject} in the store; client {who}"
                f" got {event.type} of {subject} in its place",
            )
        for item in (event.data.message, event.data.question, event.data.into):
            self._compare_text(who, item)

    def _compare_text(self, who: int, item: Item | None) -> None:
        if item is None or item.text is None:
            return
        stored = self._stored.items.get(item.id)
        if stored is None:
            self._faults.tell("not stored", f"client {who} got {item.id}, which is not there")
        elif stored.text is not None and stored.text != item.text:
            self._faults.tell("another text", f"client {who} got {item.id} with {item.text!r}")

    def _hello_came(self, got: records.Got, client: _Client, frame: Frame) -> None:
        away_s = 0.0
        if client.closed_s is not None:
            away_s = got.at_s - client.closed_s
            self.findings.away.append((client.closed_s, away_s))
            client.closed_s = None
        client.listening = True
        if frame.epoch != self._stored.epoch:
            self._faults.tell("epoch", f"client {got.who} was told of epoch {frame.epoch}")
        if frame.snapshot is None:
            self.findings.resumed += 1
            if client.resuming != client.position:
                self._faults.tell("gap", f"client {got.who} resumed what it did not ask for")
            return
        missed = 0 if client.resuming is None else frame.head - client.resuming
        is_far = missed > PROMISED_EVENTS and away_s > PROMISED_S
        if client.resuming is not None and not client.fresh_look_due and not is_far:
            self._faults.tell(
                "not resumed",
                f"client {got.who} asked for all since {client.resuming}, which is there, and got a"
                f" snapshot at {frame.head}",
            )
        self._look(got.who, client, frame)

    def _look(self, who: int, client: _Client, frame: Frame) -> None:
        """A snapshot replaces all: it must be what is stored up to its head."""
        assert frame.snapshot is not None
        if frame.head < client.position:
            self._faults.tell(
                "went back",
                f"client {who} was at {client.position}, its snapshot is at {frame.head}",
            )
        client.position, client.fresh_look_due = frame.head, False
        last = bisect_right(self._places, (frame.head, "~"))
        expected = [item_id for _, item_id in self._places[max(last - WINDOW, 0) : last]]
        if [item.id for item in frame.snapshot.messages] != expected:
            self._faults.tell(
                "snapshot", f"client {who} got another window at {frame.head} than what is stored"
            )
        for item in frame.snapshot.messages:
            self._compare_text(who, item)

    # --- what was asked and answered

    def _sent(self, sent: records.Sent) -> None:
        client = self._clients[sent.who]
        data = msgspec.json.decode(sent.data)
        if client.sent.setdefault(sent.id, (sent.type, data)) != (sent.type, data):
            self._faults.tell("recorder", f"client {sent.who} used {sent.id} for two commands")
        # From now on its segment may differ, whether the answer comes or not: once a snapshot.
        client.fresh_look_due |= sent.type == "profile.set"

    def _answer_came(self, got: records.Got, client: _Client, frame: Frame) -> None:
        assert frame.id is not None
        if frame.code in LATER:
            return  # that is no answer yet
        if frame.t == "ack":
            self.findings.acks_s.append(got.at_s)
        earlier = client.answers.setdefault(frame.id, frame)
        if _essence(earlier) != _essence(frame):
            self._faults.tell(
                "two answers", f"command {frame.id}: {_essence(earlier)}, later {_essence(frame)}"
            )

    def _compare(self) -> None:
        self.findings.clients = len(self._clients)
        self._compare_log()
        done = dict(self._stored.keys)
        written: Counter[tuple[str, str]] = Counter(
            (item.author, item.text) for item in self._stored.items.values() if item.text
        )
        taps: Counter[str] = Counter()
        for who, client in self._clients.items():
            late = self._expected(client, client.position, self._stored.head)
            if late:
                self._faults.tell(
                    "lost",
                    f"client {who} stayed at {client.position}, before {min(late)}"
                    f" ({self._events[min(late)].type})",
                )
            for command_id, (kind, data) in client.sent.items():
                self.findings.commands += 1
                self.findings.posts += kind == "message.post"
                key = (client.participant_id, command_id)
                self._compare_command(who, key, kind, data, client.answers.get(command_id))
                if done.pop(key, "nothing") != "nothing" and kind == "reaction.add":
                    taps[data["kind"]] += data["count"]
                if kind in ("message.post", "question.ask"):
                    times = written.pop((client.participant_id, data["text"]), 0)
                    if times > 1:
                        self._faults.tell("done twice", f"command {command_id} wrote {times} items")
        for key in done:
            self._faults.tell("never sent", f"{key} is stored as done")
        for author, words in written:
            self._faults.tell("never sent", f"{words!r} of {author} is stored")
        if dict(taps) != self._stored.reactions:
            self._faults.tell(
                "tallies", f"{dict(taps)} were tapped, {self._stored.reactions} stored"
            )

    def _compare_log(self) -> None:
        seqs = [event.seq for event in self._stored.events]
        if seqs != list(range(1, self._stored.head + 1)):
            self._faults.tell("log", f"{len(seqs)} events up to {self._stored.head}")

    def _compare_command(
        self, who: int, key: tuple[str, str], kind: str, data: Any, answer: Frame | None
    ) -> None:
        stored = key in self._stored.keys
        if answer is None:
            self._faults.tell("unanswered", f"command {key[1]} ({kind}) never got its answer")
        elif answer.t == "refused" and stored:
            self._faults.tell("refused and done", f"command {key[1]} ({kind}): {answer.code}")
        elif answer.t == "ack" and not stored:
            self._faults.tell("acked, not stored", f"command {key[1]} ({kind}) at {answer.seq}")
        elif answer.t == "ack":
            self._compare_ack(who, key, kind, data, answer)

    def _compare_ack(
        self, who: int, key: tuple[str, str], kind: str, data: Any, ack: Frame
    ) -> None:
        """The effect that was acknowledged is there, and it is the one that was asked for."""
        event = self._events.get(ack.seq or 0)
        if self._stored.keys[key] != ack.seq or (ack.seq is not None and event is None):
            self._faults.tell("acked, not stored", f"command {key[1]} ({kind}) at {ack.seq}")
        elif kind in ("message.post", "question.ask"):
            item = self._stored.items.get("" if event is None else event.subject or "")
            if item is None or item.author != key[0] or item.text not in (data["text"], None):
                self._faults.tell("another effect", f"command {key[1]} of client {who} is {item}")
        elif (
            kind == "question.vote"
            and self._stored.ballots.get((data["question_id"], key[0])) is not data["up"]
        ):
            self._faults.tell("acked, not stored", f"the vote {key[1]} of client {who}")


def _essence(answer: Frame) -> tuple[str, int | None, str | None]:
    return answer.t, answer.seq, answer.code
