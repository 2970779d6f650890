"""JSON Schema of the wire, read off the structs.

msgspec writes schemas only for unions that it could decode; ours are partly told apart by what is
absent (a tombstone has no text), so the few kinds of annotation in use are translated directly.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from live.wire import (
    announcement_shapes,
    codes,
    commands,
    desk_shapes,
    events,
    frames,
    looking,
    polls,
    shapes,
)

Schema = dict[str, Any]

SERVER_FRAMES: tuple[type[shapes.Shape], ...] = (
    frames.Hello,
    frames.SnapshotFrame,
    frames.EventsFrame,
    frames.PulseFrame,
    looking.LookingFrame,
    frames.Ack,
    frames.Refused,
)
_PRIMITIVES: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
    Raw: {},
}
_LITERALS = {
    value: name
    for module in (shapes, desk_shapes, announcement_shapes, polls, codes)
    for name, value in vars(module).items()
    if typing.get_origin(value) is Literal
}
_BOUNDS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "ge": "minimum",
    "le": "maximum",
    "pattern": "pattern",
}


def components() -> dict[str, Schema]:
    """Every named schema of the wire, by name, in a stable order.

    Besides the structs: ``Event`` and ``ClientFrame`` (unions by ``type``), ``ServerFrame`` (union
    by ``t``), and one ``Event:{type}`` and ``Command:{type}`` for each member of these unions.
    """
    book = Book()
    for name in _LITERALS.values():
        book.literal(name)
    for event_type, data in events.EVENTS.items():
        book.add(f"Event:{event_type}", _event(event_type, book.of(data)))
    for command_type, command in commands.COMMANDS.items():
        book.add(f"Command:{command_type}", _command(command_type, book.of(command)))
    book.add("Event", _one_of(f"Event:{name}" for name in events.EVENTS))
    book.add("ClientFrame", _one_of(f"Command:{name}" for name in commands.COMMANDS))
    for frame in SERVER_FRAMES:
        book.of(frame)
    book.add("ServerFrame", _one_of(frame.__name__ for frame in SERVER_FRAMES))
    book.named["EventsFrame"]["properties"]["events"]["items"] = _ref("Event")
    del book.named["WireEvent"]
    return dict(sorted(book.named.items()))


class Book:
    """Collects the named schemas that the ones asked for refer to."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def add(self, name: str, schema: Schema) -> None:
        self.named[name] = schema

    def literal(self, name: str) -> None:
        values = next(value for value, known in _LITERALS.items() if known == name)
        self.add(name, {"enum": list(typing.get_args(values))})

    def of(self, annotation: Any) -> Schema:
        """The schema of an annotation; structs and named literals become references."""
        if annotation in _PRIMITIVES:
            return dict(_PRIMITIVES[annotation])
        if annotation in _LITERALS:
            return _ref(_LITERALS[annotation])
        if isinstance(annotation, type) and issubclass(annotation, Struct):
            return self._struct(annotation)
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is Annotated:
            return self.of(args[0]) | _bounds(args[1])
        if origin is Literal:
            return {"enum": list(args)}
        if origin is list:
            return {"type": "array", "items": self.of(args[0])}
        if origin is dict:
            return {
                "type": "object",
                "propertyNames": self.of(args[0]),
                "additionalProperties": self.of(args[1]),
            }
        if origin in {Union, types.UnionType}:
            members = [self.of(member) for member in args if member is not UnsetType]
            return members[0] if len(members) == 1 else {"anyOf": members}
        raise TypeError(f"no JSON Schema for {annotation!r}")

    def _struct(self, struct: type[Struct]) -> Schema:
        name = struct.__name__
        if name not in self.named:
            self.named[name] = {}  # holds the place while its fields refer to each other
            self.named[name] = self._object(struct)
        return _ref(name)

    def _object(self, struct: type[Struct]) -> Schema:
        config = struct.__struct_config__
        hints = typing.get_type_hints(struct, include_extras=True)
        sent = issubclass(struct, shapes.Shape) and not config.forbid_unknown_fields
        properties: dict[str, Schema] = {}
        required: list[str] = []
        if config.tag_field is not None:
            properties[config.tag_field] = {"const": config.tag}
            required.append(config.tag_field)
        for field in msgspec.structs.fields(struct):
            annotation = hints[field.name]
            properties[field.encode_name] = self.of(annotation)
            # What we send always holds its defaults; what we take may leave them out.
            if not _may_be_absent(annotation) and (sent or field.required):
                required.append(field.encode_name)
        schema: Schema = {"type": "object", "properties": properties, "required": required}
        if struct.__doc__:
            schema["description"] = " ".join(struct.__doc__.split())
        if config.forbid_unknown_fields:
            schema["additionalProperties"] = False
        return schema


def _may_be_absent(annotation: Any) -> bool:
    return UnsetType in typing.get_args(annotation)


def _bounds(meta: Meta) -> Schema:
    values: Mapping[str, Any] = {name: getattr(meta, name) for name in _BOUNDS}
    return {_BOUNDS[name]: value for name, value in values.items() if value not in (None, UNSET)}


def _event(event_type: str, data: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "seq": {"type": "integer"},
            "type": {"const": event_type},
            "at": {"type": "string"},
            "data": data,
        },
        "required": ["seq", "type", "at", "data"],
    }


def _command(command_type: str, data: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
            "type": {"const": command_type},
            "data": data,
        },
        "required": ["id", "type", "data"],
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_of(names: Iterable[str]) -> Schema:
    return {"oneOf": [_ref(name) for name in names]}
