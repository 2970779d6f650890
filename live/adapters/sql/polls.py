"""Polls and their ballots as rows and back; see ``rows``."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Row

from live.adapters.sql.rows import Values, microseconds
from live.domain.ids import ContentId, ParticipantId, PollId, SessionId
from live.domain.poll import Poll, PollBallot

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Poll)


def poll_row(session_id: SessionId, poll: Poll) -> Values:
    """The values in the order of the table's columns."""
    body = _ENCODER.encode(poll).decode()
    return (poll.id, session_id, microseconds(poll.at), poll.status.value, body)


def poll(row: Row[Any]) -> Poll:
    """What ``poll_row`` was made from."""
    return _DECODER.decode(row.body)


def poll_ballot_row(session_id: SessionId, ballot: PollBallot) -> Values:
    """The values in the order of the table's columns."""
    return (
        session_id,
        ballot.poll_id,
        ballot.participant_id,
        json.dumps(ballot.choices, separators=(",", ":")),
        ballot.segment,
        ballot.language,
        ballot.content_id,
        ballot.held,
    )


def poll_ballot(row: Row[Any]) -> PollBallot:
    """What ``poll_ballot_row`` was made from."""
    return PollBallot(
        poll_id=PollId(row.poll_id),
        participant_id=ParticipantId(row.participant_id),
        choices=tuple(json.loads(row.choices)),
        segment=row.segment,
        language=row.language,
        content_id=None if row.content_id is None else ContentId(row.content_id),
        held=bool(row.held),
    )
