from __future__ import annotations

import json
from typing import Any

import pytest

from live.gateway.limits import Limits, Meter, Rate
from live.gateway.protocol import Action, Close, Protocol, Refuse, Submit
from live.wire.codes import CloseCode
from live.wire.message_commands import PostMessage
from live.wire.sanction_commands import SetSanction
from live.wire.session_commands import AddReaction

POST = {"id": "c1", "type": "message.post", "data": {"text": "Hello"}}


def a_protocol(meter: Meter | None = None, limits: Limits | None = None) -> Protocol:
    return Protocol(meter or Meter(), limits or Limits(), b"key")


def say(protocol: Protocol, frame: Any, now: float = 0.0) -> Action:
    return protocol.text(json.dumps(frame).encode(), now)


def refusal(action: Action) -> tuple[str | None, str]:
    assert isinstance(action, Refuse), action
    return action.frame.id, action.frame.code


def test_a_command_is_submitted_with_its_type_and_data() -> None:
    action = say(a_protocol(), POST)
    assert isinstance(action, Submit)
    assert (action.id, action.type) == ("c1", "message.post")
    assert action.command == PostMessage(text="Hello")


def test_the_digest_tells_contents_apart_and_nothing_else() -> None:
    protocol = a_protocol()
    one = say(protocol, POST)
    again = protocol.text(b'{"data": {"text":"Hello"},"type":"message.post","id":"c1"}', 0.0)
    other = say(protocol, {**POST, "data": {"text": "Bye"}})
    question = say(protocol, {**POST, "type": "question.ask"})
    assert isinstance(one, Submit)
    assert isinstance(again, Submit)
    assert isinstance(other, Submit)
    assert isinstance(question, Submit)
    assert one.digest == again.digest
    assert len({one.digest, other.digest, question.digest}) == 3


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b"{",
        b"{}",
        b'{"type":"message.post","data":{}}',
        b'{"id":1,"type":"message.post","data":{}}',
        b'{"id":null,"type":"message.post","data":{}}',
        b'{"id":"","type":"message.post","data":{"text":""}}',
        b'{"id":"a b","type":"message.post","data":{"text":""}}',
        b'{"id":"c1\\n","type":"message.post","data":{"text":""}}',
        b'{"id":"' + b"x" * 65 + b'","type":"message.post","data":{"text":""}}',
        b'{"id":"c1","type":"message.post","data":{"text":"\\ud800"}}',
        b'{"id":"c1","type":"message.post","data":' + b"[" * 5000,
        b'{"id":"c1","type":"message.post","data":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_is_no_frame_is_malformed(payload: bytes) -> None:
    assert refusal(a_protocol().text(payload, 0.0)) == (None, "malformed")


def test_ten_malformed_frames_a_minute_end_the_connection() -> None:
    protocol = a_protocol()
    for second in range(9):
        assert refusal(protocol.text(b"x", second * 6.0)) == (None, "malformed")
    action = protocol.binary(54.0)
    assert isinstance(action, Close)
    assert action.code == CloseCode.PROTOCOL
    assert say(protocol, POST, 55.0) == action


def test_nine_malformed_frames_a_minute_do_not() -> None:
    protocol = a_protocol()
    for second in range(100):
        assert isinstance(protocol.text(b"x", second * 7.0), Refuse)


def test_an_unknown_command_is_told_by_its_id() -> None:
    assert refusal(say(a_protocol(), {**POST, "type": "message.shout"})) == (
        "c1",
        "unknown_command",
    )


@pytest.mark.parametrize(
    "frame",
    [
        {"id": "c1", "type": "message.post"},
        {"id": "c1", "type": 5, "data": {}},
        {"id": "c1", "data": {}},
        {**POST, "more": 1},
        {**POST, "data": {"text": "Hello", "more": 1}},
        {**POST, "data": {"text": 5}},
        {**POST, "data": {}},
        {**POST, "data": None},
        {**POST, "data": []},
        {"id": "c1", "type": "reaction.add", "data": {"kind": "heart", "count": 21}},
        {"id": "c1", "type": "reaction.add", "data": {"kind": "heart", "count": 0}},
        {"id": "c1", "type": "reaction.add", "data": {"kind": "frown", "count": 1}},
        {"id": "c1", "type": "question.vote", "data": {"question_id": "q", "up": 1}},
        {
            "id": "c1",
            "type": "moderation.decide",
            "data": {
                "subject": {"kind": "message", "id": "m", "x": 1},
                "revision": 1,
                "verdict": "pick",
            },
        },
        {
            "id": "c1",
            "type": "sanction.set",
            "data": {"participant_id": "p", "kind": "ban", "until": "tomorrow"},
        },
        {
            "id": "c1",
            "type": "sanction.set",
            "data": {"participant_id": "p", "kind": "ban", "until": "2026-05-04T18:30:00"},
        },
    ],
)
def test_wrong_fields_are_invalid(frame: Any) -> None:
    assert refusal(say(a_protocol(), frame)) == ("c1", "invalid")


def test_a_moment_has_a_time_zone() -> None:
    data = {"participant_id": "p", "kind": "ban", "until": "2026-05-04T18:30:00Z"}
    action = say(a_protocol(), {"id": "c1", "type": "sanction.set", "data": data})
    assert isinstance(action, Submit)
    assert isinstance(action.command, SetSanction)
    assert action.command.until is not None
    assert action.command.until.tzinfo is not None


def test_a_frame_of_more_than_16_kib_ends_the_connection() -> None:
    fits = json.dumps({**POST, "data": {"text": ""}}).encode()
    protocol = a_protocol()
    room = 16 * 1024 - len(fits)
    assert isinstance(say(protocol, {**POST, "data": {"text": "x" * room}}), Submit)
    action = say(protocol, {**POST, "data": {"text": "x" * (room + 1)}})
    assert isinstance(action, Close)
    assert action.code == CloseCode.TOO_LARGE


def test_flooding_ends_the_connection() -> None:
    protocol = a_protocol(limits=Limits(frames=Rate(20, 1)))
    frame = {**POST, "type": "nothing"}
    for _ in range(20):
        assert isinstance(say(protocol, frame), Refuse)
    action = say(protocol, frame)
    assert isinstance(action, Close)
    assert action.code == CloseCode.FLOODING


def test_the_sixth_message_in_ten_seconds_waits_as_told() -> None:
    protocol = a_protocol()
    for number in range(5):
        assert isinstance(say(protocol, {**POST, "id": f"c{number}"}), Submit)
    action = say(protocol, {**POST, "id": "c6"})
    assert isinstance(action, Refuse)
    assert action.frame.code == "rate_limited"
    wait = action.frame.retry_after_s
    assert isinstance(wait, float)
    assert 0 < wait <= 10
    assert isinstance(say(protocol, {**POST, "id": "c6"}, wait), Submit)


def test_repeating_a_command_costs_nothing_on_any_connection() -> None:
    meter = Meter()
    for _ in range(20):
        assert isinstance(say(a_protocol(meter), POST), Submit)


def test_connections_of_one_person_share_their_limits() -> None:
    meter = Meter()
    for number in range(5):
        assert isinstance(say(a_protocol(meter), {**POST, "id": f"c{number}"}), Submit)
    assert refusal(say(a_protocol(meter), {**POST, "id": "c6"})) == ("c6", "rate_limited")


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "question.ask", "data": {"text": "Why?"}},
        {"type": "message.post", "data": {"text": "/q Why?"}},
    ],
)
def test_three_questions_a_minute_however_they_are_asked(frame: Any) -> None:
    protocol = a_protocol()
    for number in range(3):
        assert isinstance(say(protocol, {**frame, "id": f"c{number}"}), Submit)
    assert refusal(say(protocol, {**frame, "id": "c4"})) == ("c4", "rate_limited")


def test_twenty_reactions_a_second_counted_by_taps() -> None:
    protocol = a_protocol()

    def react(count: int, number: int, now: float = 0.0) -> Action:
        data = {"kind": "heart", "count": count}
        return say(protocol, {"id": f"c{number}", "type": "reaction.add", "data": data}, now)

    first = react(12, 1)
    assert isinstance(first, Submit)
    assert first.command == AddReaction(kind="heart", count=12)
    assert isinstance(react(8, 2), Submit)
    assert refusal(react(1, 3)) == ("c3", "rate_limited")
    assert isinstance(react(20, 4, 1.0), Submit)


def test_an_idle_meter_can_be_forgotten() -> None:
    meter = Meter()
    say(a_protocol(meter), POST)
    assert not meter.idle(1.0)
    assert meter.idle(10.0)
