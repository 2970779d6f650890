"""The frames of the socket: one JSON object each, ``t`` says which."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Raw, Struct, UnsetType

from live.wire.announcement_shapes import Announcement, AnnouncementTombstone, SavedAnnouncement
from live.wire.calls import Call
from live.wire.codes import RefusalCode
from live.wire.desk_shapes import (
    Claim,
    Decision,
    Label,
    Listening,
    Paper,
    Report,
    Sanction,
    StaffSay,
)
from live.wire.polls import Poll, PollTombstone
from live.wire.pulse import Cue, Cueing
from live.wire.runshow import Part, PartTombstone
from live.wire.shapes import (
    Author,
    Message,
    MessageStatus,
    MessageTombstone,
    Mode,
    Participant,
    Pin,
    Question,
    QuestionStatus,
    QuestionTombstone,
    Shape,
    Subject,
    You,
)
from live.wire.snapshot_shapes import Pulse, Snapshot


class ClientFrame(Struct, frozen=True, forbid_unknown_fields=True):
    """What every client frame is before its ``data`` is known."""

    id: str
    type: str
    data: Raw


class Reconnect(Shape, frozen=True):
    """Bounds of the jitter before a reconnect, told by the server. A large audience is spread
    wider: ``spread_ms`` is there then, and the first pause lies anywhere from ``min_ms`` to that
    much more."""

    min_ms: int
    max_ms: int
    spread_ms: int | UnsetType = UNSET


class Hello(Shape, tag_field="t", tag="hello", frozen=True):
    """The first frame: who one is and all one may know, or null where the client resumes."""

    protocol: int
    epoch: str
    head: int
    you: You
    snapshot: Snapshot | None
    reconnect: Reconnect


class SnapshotFrame(Shape, tag_field="t", tag="snapshot", frozen=True):
    """Replaces all state; the position is ``head`` now."""

    reason: Literal["slow", "audience"]
    epoch: str
    head: int
    you: You
    snapshot: Snapshot


class WireEvent(Shape, frozen=True):
    """A durable fact: ``data`` has the shape that ``events.EVENTS`` gives for ``type``."""

    seq: int
    type: str
    at: str
    data: Any


class EventsFrame(Shape, tag_field="t", tag="events", frozen=True):
    """Everything of ``(after, upto]`` that this participant may see."""

    after: int
    upto: int
    events: list[WireEvent]


class PulseFrame(Shape, tag_field="t", tag="pulse", frozen=True):
    """The live tallies; the latest replaces the earlier. ``reconnect`` replaces that of ``hello``
    while so many are here that coming back takes them longer than its bounds."""

    data: Pulse
    reconnect: Reconnect | UnsetType = UNSET


class Each(Shape, omit_defaults=True, frozen=True):
    """What became of one of many subjects: the ``decision_id``, with the ``revision`` and
    ``status`` it gave, or the ``code`` of a refusal with the subject as it stands now."""

    subject: Subject
    code: RefusalCode | UnsetType = UNSET
    decision_id: str | UnsetType = UNSET
    revision: int | UnsetType = UNSET
    status: MessageStatus | QuestionStatus | UnsetType = UNSET
    current: Message | Question | MessageTombstone | QuestionTombstone | UnsetType = UNSET


class AckData(Shape, omit_defaults=True, frozen=True):
    """What a command gave, whole under its kind. ``id`` is that of what resulted (of a verdict or
    an undo: the decision; of many at once: their group), ``revision`` and ``status`` are the
    subject's. What was withdrawn since is a tombstone.
    """

    id: str | UnsetType = UNSET
    revision: int | UnsetType = UNSET
    status: MessageStatus | QuestionStatus | UnsetType = UNSET
    message: Message | MessageTombstone | UnsetType = UNSET
    question: Question | QuestionTombstone | UnsetType = UNSET
    decision: Decision | UnsetType = UNSET
    participant: Participant | UnsetType = UNSET
    claim: Claim | UnsetType = UNSET
    sanction: Sanction | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    pin: Pin | UnsetType = UNSET
    announcement: Announcement | AnnouncementTombstone | UnsetType = UNSET
    saved_announcement: SavedAnnouncement | UnsetType = UNSET
    poll: Poll | PollTombstone | UnsetType = UNSET
    say: StaffSay | UnsetType = UNSET
    report: Report | UnsetType = UNSET
    paper: Paper | UnsetType = UNSET
    listening: Listening | UnsetType = UNSET
    group_id: str | UnsetType = UNSET
    each: list[Each] | UnsetType = UNSET
    labels: list[Label] | UnsetType = UNSET
    part: Part | PartTombstone | UnsetType = UNSET
    cue: Cue | UnsetType = UNSET
    cueing: Cueing | UnsetType = UNSET
    call: Call | UnsetType = UNSET


class Ack(Shape, tag_field="t", tag="ack", frozen=True):
    """Committed. ``seq`` is the last event that the command caused, or null."""

    id: str
    seq: int | None
    data: AckData


class Refused(Shape, tag_field="t", tag="refused", frozen=True):
    """Nothing happened; ``code`` is stable, ``message`` is for a person. ``current`` is the subject
    as it stands now, sent with ``stale``, ``by`` who was first, to staff.
    """

    id: str | None
    code: RefusalCode
    message: str
    retry_after_s: float | UnsetType = UNSET
    current: Message | Question | MessageTombstone | QuestionTombstone | UnsetType = UNSET
    by: Author | UnsetType = UNSET
