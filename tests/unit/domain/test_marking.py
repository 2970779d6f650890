"""Labels and who sees to what."""

from __future__ import annotations

import pytest

from live.domain.commands import Command
from live.domain.decision import Verdict
from live.domain.decision_commands import Assign, Decide, DefineLabel, RemoveLabel, SetLabels
from live.domain.ids import ParticipantId
from live.domain.label import Colour, Label
from live.domain.marking import LABELS_MOST
from live.domain.message_commands import PostMessage
from live.domain.question_commands import AskQuestion
from live.domain.subject import Subject, SubjectKind
from tests.support.scene import Scene

MOD = ParticipantId("mod")


def defined(scene: Scene, name: str) -> str:
    return scene.do("mod", DefineLabel(name, Colour.BLUE)).result.label_id or ""


def test_a_question_bears_labels_and_a_name_and_its_revision_stays() -> None:
    scene = Scene()
    asked = scene.question(scene.do("ada", AskQuestion("Where is my parcel?")))
    subject = Subject.question(asked.id)
    first, second = defined(scene, "After sales"), defined(scene, "Urgent")
    scene.do("mod", SetLabels(subject, (second, first)))
    scene.do("host", Assign(subject, MOD))
    marked = scene.state.questions[asked.id]
    assert (marked.labels, marked.assignee) == ((first, second), MOD)
    scene.do("mod", Decide(subject, asked.revision, Verdict.PICK))
    scene.do("mod", SetLabels(subject, ()))
    scene.do("mod", Assign(subject, None))
    marked = scene.state.questions[asked.id]
    assert (marked.labels, marked.assignee) == ((), None)


def test_what_is_so_already_is_no_event() -> None:
    scene = Scene()
    said = scene.message(scene.do("ada", PostMessage("Hello")))
    subject = Subject.message(said.id)
    label = defined(scene, "Praise")
    assert scene.do("mod", SetLabels(subject, (label,))).events
    assert not scene.do("host", SetLabels(subject, (label,))).events
    assert not scene.do("host", Assign(subject, None)).events


def test_a_label_gets_another_name_and_goes() -> None:
    scene = Scene()
    label = defined(scene, "Prise")
    scene.do("mod", DefineLabel("Praise", Colour.GREEN, label))
    assert scene.state.labels == (Label(label, "Praise", Colour.GREEN),)
    scene.do("mod", RemoveLabel(label))
    assert not scene.state.labels


@pytest.mark.parametrize("name", ["<b>bold</b>", "&lt;", "", "   ", "x" * 31, "a\nb\x00", "`x`"])
def test_a_label_with_markup_or_no_name_is_refused(name: str) -> None:
    scene = Scene()
    assert scene.refused("mod", DefineLabel(name, Colour.RED)) == "invalid"
    assert not scene.state.labels


def test_a_session_has_a_bounded_number_of_labels_each_name_once() -> None:
    scene = Scene()
    for number in range(LABELS_MOST):
        defined(scene, f"Label {number}")
    assert scene.refused("mod", DefineLabel("One more", Colour.RED)) == "wrong_state"
    first = scene.state.labels[0]
    assert scene.refused("mod", DefineLabel("LABEL 1", Colour.RED, first.id)) == "name_taken"
    assert scene.do("mod", DefineLabel("label 0", Colour.RED, first.id)).events


def test_what_is_foreign_or_not_on_the_team_is_not_found_and_viewers_may_nothing() -> None:
    scene = Scene()
    subject = Subject.message(scene.message(scene.do("ada", PostMessage("Hello"))).id)
    label = defined(scene, "Praise")
    head = scene.state.head
    nowhere = Subject(SubjectKind.MESSAGE, "of-another-session")
    refused: list[Command] = [
        SetLabels(nowhere, (label,)),
        SetLabels(subject, ("of-another-session",)),
        Assign(nowhere, MOD),
        Assign(subject, ParticipantId("bob")),
        RemoveLabel("of-another-session"),
        DefineLabel("New", Colour.RED, "of-another-session"),
    ]
    assert {scene.refused("mod", each) for each in refused} == {"not_found"}
    assert {scene.refused("ada", each) for each in refused} == {"forbidden"}
    assert scene.state.head == head
