"""What the wire leaves out, and names otherwise, as the domain has it; and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from live.domain.commands import PersonCommand
from live.domain.subject import Subject, SubjectKind
from live.wire import shapes
from live.wire.base import Command

T = TypeVar("T")

Translators = Mapping[type[Command], Callable[[Any], PersonCommand]]
"""By its type, how a command becomes one of the domain's. Each takes the command of its own key;
the type of a table cannot say so."""


def given(value: T | UnsetType) -> T | None:
    """What was sent, if anything was."""
    return None if value is UNSET else value


def present(value: T | None) -> T | UnsetType:
    """What there is to send, if anything."""
    return UNSET if value is None else value


def subject_of(subject: shapes.Subject) -> Subject:
    """What a command is about."""
    return Subject(SubjectKind(subject.kind), subject.id)
