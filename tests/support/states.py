"""Two states side by side, and what must be true of any."""

from __future__ import annotations

from typing import Any

from live.domain.ids import ParticipantId
from live.domain.judgement import NO_HINTS
from live.domain.merging import MERGEABLE
from live.domain.message import Message
from live.domain.question import Question, QuestionStatus
from live.domain.state import RoomState


def facts(state: RoomState) -> dict[str, Any]:
    """Everything that two equal states have in common, in a comparable form."""
    questions = dict(state.questions.items())
    return {
        "head": state.head,
        "session": state.session,
        "mode": state.mode,
        "participants": dict(state.participants.items()),
        "staff": set(state.staff),
        "messages": dict(state.messages.items()),
        "questions": questions,
        "texts": {item.content_id: state.text(item.content_id) for item in items_of(state)},
        "held": set(state.held),
        "own": {person: set(own) for person, own in state.own.items() if own},
        "timeline": state.timeline.latest(200),
        "question_order": state.question_order.latest(200),
        "members": {root: set(members) for root, members in state.members.items() if members},
        "voters": {each: voters for each in questions if (voters := state.ballots.voters(each))},
        "mutes": {person: muted for person, muted in state.mutes.items() if muted},
        "last_posts": dict(state.last_posts.items()),
        "reactions": dict(state.reactions.items()),
        "claims": dict(state.claims),
        "sanctions": dict(state.sanctions),
        "decisions": state.decisions,
        "pins": state.pins,
        "seats": state.seats,
        "slate": state.slate,
        "calling": state.calling,
        "staff_says": state.staff_says,
        "reports": state.reports,
        "listening": state.listening,
        "proposals": state.proposals,
        "apart": set(state.apart),
        "labels": state.labels,
        "settled": dict(state.settled),
        "announcements": dict(state.announcements.items()),
        "polls": dict(state.polls.items()),
        "poll_ballots": {(each.poll_id, each.participant_id): each for each in state.poll_ballots},
        "papers": dict(state.papers.items()),
        "papers_with": {who: set(each) for who, each in state.papers_with.items()},
        "answers": dict(state.answers.items()),
        "on_screen": state.on_screen,
        "parts": dict(state.parts.items()),
        "runshow": state.runshow,
        "cues": state.cues,
        "cueing": state.cueing,
    }


def items_of(state: RoomState) -> list[Message | Question]:
    """All messages and questions in memory."""
    return [*state.messages.values(), *state.questions.values()]


def check(state: RoomState) -> None:
    """What holds of every state that was ever committed."""
    questions = list(state.questions.values())
    answering = [each for each in questions if each.status is QuestionStatus.ANSWERING]
    assert len(answering) <= 1
    for question in questions:
        _check_question(state, question)
    for message in state.messages.values():
        _check_text(state, message)
    for pin in state.pins:
        assert pin.subject is None or state.is_public(pin.subject)
    waiting = {item.id for item in items_of(state) if item.status.value == "pending"}
    assert {subject.id for subject in state.held} == waiting
    places = [state.messages[each].place for each in state.timeline.latest(1_000)]
    assert places == sorted(set(places), key=lambda place: place or 0)


def _check_question(state: RoomState, question: Question) -> None:
    _check_text(state, question)
    if question.merged_into is not None:
        assert question.id in (state.members.get(question.merged_into) or ())
    voters = set[str]()
    for member in state.tree(question.id):
        voters |= state.ballots.voters(member)
    assert state.votes(question.id) == len(voters)
    for person in voters:
        mine = state.ballots.of(ParticipantId(person))
        assert mine & set(state.tree(question.id))


def _check_text(state: RoomState, item: Message | Question) -> None:
    assert item.revision >= 1
    if item.withdrawn:
        assert not state.text(item.content_id)
        assert not item.reasons
        assert item.hints == NO_HINTS


def check_proposals(state: RoomState) -> None:
    """Nothing is proposed that cannot be any more, once the room has had its moment."""
    for proposal in state.proposals:
        sides = (state.questions[proposal.into], state.questions[proposal.source])
        assert all(each.merged_into is None and each.status in MERGEABLE for each in sides)


def difference(one: RoomState, other: RoomState) -> dict[str, tuple[Any, Any]]:
    """What tells two states apart, by name; empty if they are equal."""
    left, right = facts(one), facts(other)
    return {name: (left[name], right[name]) for name in left if left[name] != right[name]}
