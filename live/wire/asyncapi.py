"""The socket described as AsyncAPI 3, for people who write their own client."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from live.wire.codes import PROTOCOL, SUBPROTOCOL, CloseCode
from live.wire.commands import COMMANDS
from live.wire.schema import SERVER_FRAMES, Schema

_DESCRIPTION = f"""\
Text frames, one JSON object each. Clients ignore unknown events and fields. `events` frames are
contiguous: `after` of a frame is `upto` of the one before; a client that finds otherwise
reconnects with `epoch` and `since`. Close codes from {CloseCode.PROTOCOL.value} on are final;
after every other code a client reconnects, jittered within the bounds that `hello` gives."""


def published() -> bytes:
    """The document as it ships with the package, UTF-8 JSON."""
    return (resources.files("live.wire") / "schema" / "asyncapi.json").read_bytes()


def asyncapi(components: Mapping[str, Schema]) -> dict[str, Any]:
    """The document, composed from the wire's named schemas."""
    received = {frame.__name__: f"{frame.__name__}" for frame in SERVER_FRAMES}
    sent = {name.replace(".", "_"): f"Command:{name}" for name in COMMANDS}
    channel = "#/channels/session"
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Causerie", "version": str(PROTOCOL), "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            "session": {
                "address": "/api/v1/sessions/{slug}/ws",
                "description": f"Subprotocol `{SUBPROTOCOL}`.",
                "parameters": {"slug": {"description": "The session's name in URLs."}},
                "bindings": {"ws": {"query": _query(), "bindingVersion": "0.1.0"}},
                "messages": {
                    key: {"$ref": f"#/components/messages/{key}"} for key in (*received, *sent)
                },
            }
        },
        "operations": {
            "receive": {
                "action": "send",
                "channel": {"$ref": channel},
                "summary": "What the server sends.",
                "messages": [{"$ref": f"{channel}/messages/{key}"} for key in received],
            },
            "command": {
                "action": "receive",
                "channel": {"$ref": channel},
                "summary": "What a client sends.",
                "messages": [{"$ref": f"{channel}/messages/{key}"} for key in sent],
            },
        },
        "components": {
            "messages": {
                key: {"name": key, "payload": {"$ref": f"#/components/schemas/{_key(schema)}"}}
                for key, schema in {**received, **sent}.items()
            },
            "schemas": {_key(name): _relocated(schema) for name, schema in components.items()},
        },
    }


def _query() -> Schema:
    return {
        "type": "object",
        "properties": {
            "epoch": {"type": "string", "description": "The epoch that `since` belongs to."},
            "since": {"type": "integer", "description": "The position to resume from."},
        },
    }


def _key(name: str) -> str:
    """AsyncAPI allows letters, digits, ``.``, ``_`` and ``-`` in a component's key."""
    return name.replace(":", ".")


def _relocated(node: Any) -> Any:
    """The same schema with its references pointing into ``components``."""
    if isinstance(node, dict):
        return {
            key: f"#/components/schemas/{_key(value.rpartition('/')[2])}"
            if key == "$ref"
            else _relocated(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_relocated(item) for item in node]
    return node
