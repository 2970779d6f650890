from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from live.domain import decision_events
from live.domain import events as domain_events
from live.domain.message import MessageStatus
from live.domain.people import Role
from live.domain.question import QuestionStatus
from live.domain.sanction import SanctionKind
from live.domain.session import SessionState
from live.domain.session_commands import ReactionKind
from live.domain.stage import SeatState
from live.wire import asyncapi, codes, desk_shapes, events, generate, schema, shapes
from live.wire.commands import COMMANDS
from live.wire.frames import Refused


def test_generated_files_are_what_the_definitions_give() -> None:
    assert generate.stale() == []


def test_every_event_of_the_domain_has_a_shape() -> None:
    # What the team said to something is told as a change of it, which every client understands.
    told_as_another = {decision_events.SubjectSettled.type}
    assert set(domain_events.EVENTS) - told_as_another == set(events.EVENTS)


@pytest.mark.parametrize(
    ("wire", "domain"),
    [
        (shapes.Role, Role),
        (shapes.SessionState, SessionState),
        (shapes.MessageStatus, MessageStatus),
        (shapes.QuestionStatus, QuestionStatus),
        (shapes.ReactionKind, ReactionKind),
        (desk_shapes.SanctionKind, SanctionKind),
        (shapes.SeatState, SeatState),
    ],
)
def test_words_of_the_wire_are_those_of_the_domain(wire: Any, domain: Any) -> None:
    assert set(wire.__args__) == {member.value for member in domain}


def _validator(name: str) -> jsonschema.Draft202012Validator:
    named = schema.components()
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": named})


def test_commands_with_unknown_fields_do_not_fit_the_schema() -> None:
    validator = _validator("ClientFrame")
    frame = {"id": "c1", "type": "message.post", "data": {"text": "Hello"}}
    assert validator.is_valid(frame)
    assert not validator.is_valid({**frame, "more": 1})
    assert not validator.is_valid({**frame, "data": {"text": "Hello", "more": 1}})
    assert not validator.is_valid({**frame, "type": "message.shout"})


def test_what_is_sent_fits_the_schema() -> None:
    refused = msgspec.json.encode(Refused(id=None, code="malformed", message="No."))
    assert _validator("ServerFrame").is_valid(json.loads(refused))


def test_what_may_be_absent_is_not_required_and_defaults_are_always_sent() -> None:
    message = schema.components()["Message"]
    assert "edited" in message["required"]
    assert not {"score", "reasons", "seq", "reply_to"} & set(message["required"])


def test_asyncapi_names_every_frame_and_command_once() -> None:
    document = json.loads(asyncapi.published())
    assert document["asyncapi"].startswith("3.")
    messages = document["channels"]["session"]["messages"]
    assert len(messages) == len(schema.SERVER_FRAMES) + len(COMMANDS)
    references = set(_references(document))
    for reference in references:
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        found = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return found + [each for value in node.values() for each in _references(value)]
    if isinstance(node, list):
        return [each for value in node for each in _references(value)]
    return []


def test_final_close_codes_are_those_of_the_contract() -> None:
    final = {code.value for code in codes.CloseCode if code.final}
    assert final == {4400, 4401, 4403, 4404, 4413, 4429}
