"""What a command of the team's becomes in the audit. Every command passes here: a new one is
written down without its author's doing, unless it is named below with a reason.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from live.domain import decision_commands, paper_commands, people_commands
from live.domain.audit import Act, Doer, canonical, make_act
from live.domain.commands import Command
from live.domain.decide import FOR_SERVER, FOR_STAFF
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import MessageId, ParticipantId, QuestionId
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.room.codec import stored

logger = logging.getLogger(__name__)

PASSING = frozenset({decision_commands.ClaimSubject, decision_commands.ReleaseSubject})
"""Commands of the team that decide nothing: who has what in hand for a minute."""

OF_BOTH = frozenset({paper_commands.SendLetter})
"""Commands of everyone's that are acts where the team gives them."""

WITHOUT_TEAM = frozenset({people_commands.EraseParticipant})
"""Acts that are written down whoever they are done for."""

SUBJECTS_MOST = 200

_SAFE = (bool, int, float, datetime, NoneType)


@dataclass(frozen=True, slots=True)
class Stood:
    """What a command was about, as it stood before it."""

    subjects: tuple[dict[str, object], ...]
    authors: tuple[ParticipantId, ...]


def is_written_down(command: Command, actor: Participant | None) -> bool:
    """Whether the audit keeps this command, if it is done."""
    kind = type(command)
    if kind in WITHOUT_TEAM:
        return True
    if actor is None or not actor.role.is_staff:
        return False
    return kind in OF_BOTH or ((kind in FOR_STAFF or kind in FOR_SERVER) and kind not in PASSING)


def stood_before(state: RoomState, command: Command, decided: Decided) -> Stood:
    """Of the state right before ``decided`` becomes true."""
    subjects: list[dict[str, object]] = []
    authors: list[ParticipantId] = []
    found = dict.fromkeys(_subjects((command, *decided.events)))
    for subject in list(found)[:SUBJECTS_MOST]:
        item = state.find(subject)
        if item is None:  # it begins with this very command
            continue
        subjects.append(
            {
                "kind": subject.kind.value,
                "id": subject.id,
                "revision": item.revision,
                "status": item.status.value,
                "content": item.content_id,
                "author": item.author_id,
            }
        )
        authors.append(item.author_id)
    return Stood(tuple(subjects), tuple(dict.fromkeys(authors)))


def act_of(
    actor: Participant | None,
    command: Command,
    decided: Decided,
    recorded: Iterable[Recorded],
    stood: Stood,
    context: Context,
) -> Act:
    """The record of a command that was done. Texts that lie among the contents are named, with
    their commitments; other words of the command go beside the record."""
    asked, words = _parted(command)
    written = {_squeezed(each.text) for each in decided.contents if each.text is not None}
    told: dict[str, object] = {}
    if asked:
        told["asked"] = asked
    if stood.subjects:
        told["subjects"] = stood.subjects
    if decided.contents:
        told["contents"] = {each.id: each.commitment for each in decided.contents}
    facts = _facts(recorded)
    if facts:
        told["events"] = facts
    person = asked.get("participant_id")
    about = ParticipantId(person) if isinstance(person, str) else next(iter(stood.authors), None)
    return make_act(
        action_of(type(command)),
        Doer(None, "server") if actor is None else Doer(actor.id, actor.role.value),
        context.now,
        context.entropy.salt,
        told=told,
        words={name: text for name, text in words.items() if _squeezed(text) not in written},
        about=about,
    )


def note_refusal(
    state: RoomState, actor: Participant | None, command: Command, refusal: Refusal
) -> None:
    """Log what somebody tried to do as the team and could not. It changed nothing, so it is no
    record of the audit, which nobody shall fill by trying."""
    if actor is not None and type(command) in FOR_STAFF:
        logger.info(
            "a command of the team was refused",
            extra={
                "session": state.session.slug,
                "by": actor.id,
                "role": actor.role.value,
                "action": action_of(type(command)),
                "code": refusal.code,
            },
        )


def action_of(kind: type) -> str:
    """What the audit calls a command: its name in small letters."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _facts(recorded: Iterable[Recorded]) -> dict[str, object]:
    """Which events it caused, and a digest of them: so the audit vouches for the log as well."""
    events = [stored(each) for each in recorded]
    if not events:
        return {}
    return {
        "first": events[0].seq,
        "last": events[-1].seq,
        "digest": digest_of_events((each.type, each.version, each.data) for each in events),
    }


def digest_of_events(events: Iterable[tuple[str, int, bytes]]) -> str:
    """BLAKE2b-128 over type, version and data of events in their order, in hexadecimal."""
    hashed = hashlib.blake2b(digest_size=16)
    for kind, version, data in events:
        hashed.update(f"{kind} {version} {len(data)} ".encode())
        hashed.update(data)
    return hashed.hexdigest()


# --- what a command is about


def _subjects(things: Iterable[Command | Event]) -> Iterable[Subject]:
    for thing in things:
        for name in ("subject", "message_id", "question_id", "into_id", "into", "source_id"):
            value = getattr(thing, name, None)
            if isinstance(value, Subject):
                yield value
            elif not isinstance(value, str):
                continue
            elif name == "message_id":
                yield Subject.message(MessageId(value))
            elif name != "subject":
                yield Subject.question(QuestionId(value))


# --- what of a command is nobody's words


def _parted(command: Command) -> tuple[dict[str, object], dict[str, str]]:
    """A command's fields: those that hold ids, numbers and choices, and those that hold words.
    What is not given is left out, and what the room added itself (a field without ``repr``)."""
    plain: dict[str, object] = {}
    words: dict[str, str] = {}
    kind: type = type(command)
    hints = _hints(kind)
    for each in fields(command):
        value = getattr(command, each.name)
        if value is None or not each.repr:
            continue
        if _is_plain(hints[each.name]):
            plain[each.name] = _jsonable(value)
        else:
            words[each.name] = value if isinstance(value, str) else canonical(_jsonable(value))
    return plain, words


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _is_plain(hint: Any) -> bool:
    """Whether what a field holds can be nobody's words: by its type, since a bare ``str`` may."""
    if isinstance(hint, NewType) or hint in _SAFE or hint is Subject:
        return True
    if get_origin(hint) in (Union, UnionType, tuple, list):
        return all(_is_plain(each) for each in get_args(hint) if each is not ...)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return all(_is_plain(each) for each in _hints(hint).values())
    return False


def _jsonable(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, Mapping):
        return {str(_jsonable(key)): _jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_jsonable(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        told = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _jsonable(each) for name, each in told.items() if each is not None}
    return value
