"""The team turns the dials of a session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from live.domain.events import Recorded
from live.domain.listening import USUAL_ROUTES, Listening, Route
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.session_commands import SetListening
from live.domain.session_events import ListeningChanged
from live.domain.state import RoomState
from live.domain.text import clean_language

ROUTES_MOST = 40
LISTS_MOST = 24
ENTRIES_MOST = 100
"""Of one list; a session holds ``TOTAL_MOST`` in all."""
TOTAL_MOST = 600
WORD_LETTERS_MOST = 60
SENTENCE_LETTERS_MOST = 200
_TOPIC = re.compile(r"[a-z0-9_]{1,60}")


def set_listening(
    state: RoomState, actor: Participant, command: SetListening, _: Context
) -> Decided | Refusal:
    """What is not given stays; a list that is given empty goes back to what ships."""
    now = state.listening
    changes: dict[str, Any] = {str(name): level for name, level in (command.levels or {}).items()}
    if command.mask_personal_data is not None:
        changes["mask_personal_data"] = command.mask_personal_data
    changed = replace(
        now,
        dial=replace(now.dial, **changes),
        watched=_merged(now.watched, command.watched, WORD_LETTERS_MOST),
        prototypes=_merged(now.prototypes, command.prototypes, SENTENCE_LETTERS_MOST),
        topics=_merged(now.topics, command.topics, SENTENCE_LETTERS_MOST),
        routes=now.routes if command.routes is None else _routes(command.routes) or USUAL_ROUTES,
    )
    refusal = _refusal(state, command, changed)
    if refusal:
        return refusal
    return Decided(() if changed == now else (ListeningChanged(changed, actor.id),))


def _merged(
    now: Mapping[str, tuple[str, ...]], given: Mapping[str, tuple[str, ...]] | None, letters: int
) -> Mapping[str, tuple[str, ...]]:
    if given is None:
        return now
    cleaned = {key: _cleaned(entries, letters) for key, entries in given.items()}
    return {key: entries for key, entries in {**now, **cleaned}.items() if entries}


def _routes(given: Iterable[Route]) -> tuple[Route, ...]:
    return tuple(
        replace(
            each,
            words=_cleaned(each.words, WORD_LETTERS_MOST),
            topics=_cleaned(each.topics, WORD_LETTERS_MOST),
        )
        for each in given
    )


def _cleaned(entries: Iterable[str], letters: int) -> tuple[str, ...]:
    plain = (" ".join(each.split())[:letters] for each in entries)
    return tuple(dict.fromkeys(each for each in plain if each))


def _refusal(
    state: RoomState,
    command: SetListening,
    changed: Listening,
) -> Refusal | None:
    kinds = (changed.watched, changed.prototypes, changed.topics)
    lists = [entries for each in kinds for entries in each.values()]
    if max(map(len, kinds)) > LISTS_MOST:
        return Refusal("too_long", f"{LISTS_MOST} lists are the most.")
    if any(len(each) > ENTRIES_MOST for each in lists) or sum(map(len, lists)) > TOTAL_MOST:
        return Refusal("too_long", f"A list holds {ENTRIES_MOST}, a session {TOTAL_MOST} entries.")
    if any(clean_language(tag) is None for tag in changed.watched):
        return Refusal("invalid", "Watched words stand under a language tag, such as “fr”.")
    if any(state.session.segment_is_open(name) is None for name in changed.prototypes):
        return Refusal("invalid", "Example sentences stand under a segment.")
    if any(_TOPIC.fullmatch(name) is None for name in changed.topics):
        return Refusal("invalid", "A topic is named in small letters, digits and underscores.")
    routes = command.routes or ()
    if len(routes) > ROUTES_MOST:
        return Refusal("too_long", f"{ROUTES_MOST} routes are the most.")
    if any(max(len(each.words), len(each.topics)) > ENTRIES_MOST for each in routes):
        return Refusal("too_long", f"A route holds {ENTRIES_MOST} words and as many topics.")
    for route in routes:
        if route.segment is not None and state.session.segment_is_open(route.segment) is None:
            return Refusal("invalid", "There is no such segment.")
    return None


def fold_listening(state: RoomState, recorded: Recorded, event: ListeningChanged) -> None:
    state.listening = event.listening
