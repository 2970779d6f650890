"""JSON of what a room writes down: events, results of commands, the session's document.

Events are decoded in the shape of their own ``version``: what was written once stays readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec

from live.domain.call import Calling
from live.domain.cue import Cue, Cueing
from live.domain.decision import Claim, Decision
from live.domain.events import EVENTS, Recorded
from live.domain.fact import Event
from live.domain.ids import ParticipantId
from live.domain.label import Label
from live.domain.listening import Listening
from live.domain.mode import Mode
from live.domain.outcome import NOTHING, Result
from live.domain.part import Runshow
from live.domain.pin import Pin
from live.domain.proposal import Pair, Proposal
from live.domain.sanction import Sanction
from live.domain.settlement import Settlement
from live.domain.staff import Report, StaffSay
from live.domain.stage import Seat, Slate
from live.domain.subject import Subject
from live.ports.store import StoredEvent

_encoder = msgspec.json.Encoder()
_events = {(name, kind.version): msgspec.json.Decoder(kind) for name, kind in EVENTS.items()}
_RESULT = tuple(Result.__dataclass_fields__)
_values_of = attrgetter(*_RESULT)
_results = msgspec.json.Decoder(Result)


@dataclass(frozen=True, slots=True)
class Document:
    """The small things of a session that are kept in one piece."""

    mode: Mode = field(default_factory=Mode)
    seats: Sequence[Seat] = ()
    pins: Sequence[Pin] = ()
    on_screen: Subject | None = None
    claims: Sequence[Claim] = ()
    sanctions: Sequence[Sanction] = ()
    mutes: dict[ParticipantId, Sequence[ParticipantId]] = field(default_factory=dict)
    decisions: Sequence[Decision] = ()
    staff_says: Sequence[StaffSay] = ()
    reports: Sequence[Report] = ()
    listening: Listening = field(default_factory=Listening)
    proposals: Sequence[Proposal] = ()
    apart: Sequence[Pair] = ()
    labels: Sequence[Label] = ()
    settled: Sequence[tuple[Subject, Settlement]] = ()
    runshow: Runshow = field(default_factory=Runshow)
    cues: Sequence[Cue] = ()
    cueing: Cueing = field(default_factory=Cueing)
    slate: Slate | None = None
    calling: Calling = field(default_factory=Calling)


_documents = msgspec.json.Decoder(Document)


def stored(recorded: Recorded) -> StoredEvent:
    """As the store keeps it."""
    event: Event = recorded.event
    return StoredEvent(
        seq=recorded.seq,
        type=event.type,
        version=event.version,
        at=recorded.at,
        data=_encoder.encode(event),
    )


def recorded(event: StoredEvent) -> Recorded:
    """As the domain knows it; ``ValueError`` for a shape that this program does not know."""
    decoder = _events.get((event.type, event.version))
    if decoder is None:
        raise ValueError(f"event {event.seq}: unknown shape {event.type} {event.version}")
    return Recorded(event.seq, event.at, decoder.decode(event.data))


def encode_result(result: Result) -> bytes:
    """Only what is there, so that keys stay small."""
    if result is NOTHING:
        return b"{}"
    values = zip(_RESULT, _values_of(result), strict=True)
    return _encoder.encode({name: value for name, value in values if value is not None})


def decode_result(data: bytes) -> Result:
    """What ``encode_result`` wrote."""
    return _results.decode(data)


def encode_document(document: Document) -> bytes:
    """As it lies in the session's row."""
    return _encoder.encode(document)


def decode_document(data: bytes) -> Document:
    """What ``encode_document`` wrote, or an empty one for ``{}``."""
    return _documents.decode(data)
