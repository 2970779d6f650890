"""The team sorts what people write: labels, and who is to see to it. For the team alone.

Marks raise no revision: what somebody decides meanwhile is not stale for it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from live.domain.decision_commands import Assign, DefineLabel, RemoveLabel, SetLabels
from live.domain.decision_events import LabelsChanged, SubjectMarked
from live.domain.events import Recorded
from live.domain.label import Label
from live.domain.message import Message
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.state import RoomState

LABELS_MOST: Final = 20
_NAME: Final = re.compile(r"[^\W_][\w '’.+#/-]{0,29}")


def define_label(
    state: RoomState, actor: Participant, command: DefineLabel, context: Context
) -> Decided | Refusal:
    """A new one, or another name and colour for one that there is."""
    name = " ".join(command.name.split())
    if _NAME.fullmatch(name) is None:
        return Refusal("invalid", "A label is 1 to 30 letters, digits and spaces.")
    label_id = command.label_id or context.entropy.new_id()
    known = any(each.id == label_id for each in state.labels)
    if command.label_id is not None and not known:
        return Refusal("not_found", "There is no such label.")
    if not known and len(state.labels) >= LABELS_MOST:
        return Refusal("wrong_state", f"A session has {LABELS_MOST} labels at most.")
    others = [each for each in state.labels if each.id != label_id]
    if any(each.name.casefold() == name.casefold() for each in others):
        return Refusal("name_taken", "There is a label of that name.")
    label = Label(label_id, name, command.colour)
    labels = (
        tuple(label if each.id == label_id else each for each in state.labels)
        if known
        else (*state.labels, label)
    )
    return Decided((LabelsChanged(labels, actor.id),), Result(label_id=label_id))


def remove_label(
    state: RoomState, actor: Participant, command: RemoveLabel, _: Context
) -> Decided | Refusal:
    """What bears it goes on bearing an identifier that means nothing any more."""
    left = tuple(each for each in state.labels if each.id != command.label_id)
    if left == state.labels:
        return Refusal("not_found", "There is no such label.")
    return Decided((LabelsChanged(left, actor.id),), Result(label_id=command.label_id))


def set_labels(
    state: RoomState, actor: Participant, command: SetLabels, _: Context
) -> Decided | Refusal:
    """All the labels that a subject bears from now on."""
    item = state.find(command.subject)
    if item is None:
        return Refusal("not_found", f"There is no such {command.subject.kind}.")
    known = [each.id for each in state.labels]
    if any(each not in known for each in command.labels):
        return Refusal("not_found", "There is no such label.")
    labels = tuple(each for each in known if each in command.labels)
    if labels == item.labels:
        return Decided(result=Result(subject=command.subject))
    marked = SubjectMarked(command.subject, labels, item.assignee, actor.id)
    return Decided((marked,), Result(subject=command.subject))


def assign(state: RoomState, actor: Participant, command: Assign, _: Context) -> Decided | Refusal:
    """To someone of the team, or to nobody."""
    item = state.find(command.subject)
    if item is None:
        return Refusal("not_found", f"There is no such {command.subject.kind}.")
    if command.participant_id is not None and command.participant_id not in state.staff:
        return Refusal("not_found", "There is nobody of that name on the team.")
    if command.participant_id == item.assignee:
        return Decided(result=Result(subject=command.subject))
    marked = SubjectMarked(command.subject, item.labels, command.participant_id, actor.id)
    return Decided((marked,), Result(subject=command.subject))


def fold_labels(state: RoomState, recorded: Recorded, event: LabelsChanged) -> None:
    state.labels = event.labels


def fold_marks(state: RoomState, recorded: Recorded, event: SubjectMarked) -> None:
    item = state.find(event.subject)
    if isinstance(item, Message):
        state.messages[item.id] = replace(item, labels=event.labels, assignee=event.assignee)
    elif item is not None:
        state.questions[item.id] = replace(item, labels=event.labels, assignee=event.assignee)
