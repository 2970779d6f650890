"""Someone is forgotten: their words and name go, what happened stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from live.domain.announcing import without_words
from live.domain.asking import question_withdrawal
from live.domain.balloting import verdict_contents, without_their_words
from live.domain.calling import taken_down
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.filing import contents_of, papers_to_forget, settled
from live.domain.fold import fold
from live.domain.ids import ContentId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.paper import PaperStatus
from live.domain.people import Participant
from live.domain.people_commands import EraseParticipant
from live.domain.polling import polls_without_words
from live.domain.posting import message_withdrawal
from live.domain.runshow import without_part_words
from live.domain.sanctioning import without_reason
from live.domain.session_events import ModeChanged, PinChanged
from live.domain.state import RoomState
from live.domain.writing import changed_event


def erase(
    state: RoomState, actor: Participant | None, command: EraseParticipant, context: Context
) -> Decided | Refusal:
    """Messages and questions become tombstones; ballots, decisions and sanctions stay, nameless.

    All messages of the participant must be in ``state``; ``command.contents`` are all they own.
    """
    participant = state.participants.get(command.participant_id)
    if participant is None:
        return Refusal("not_found", "There is no such participant.")
    result = Result(participant_id=participant.id)
    # What others wrote about them goes too: notes, letters, why they were sanctioned.
    kept = verdict_contents(state)
    told = (*command.contents, *_written_about(state, participant))
    about = dict.fromkeys(each for each in told if each not in kept)
    if participant.erased:
        return Decided(result=result, erase=tuple(about))
    events = list(_withdrawals(state.fork(), participant, frozenset(about), context))
    erased = replace(participant, display_name=None, person_id=None, erased=True)
    events.append(changed_event(erased, audience=False))
    return Decided(tuple(events), result, erase=tuple(about), participant=erased)


def _written_about(state: RoomState, participant: Participant) -> Iterator[ContentId]:
    for paper_id in state.papers_with.get(participant.id) or ():
        yield from contents_of(state.papers[paper_id])
    for sanction in state.sanctions.values():
        if sanction.participant_id == participant.id and sanction.reason_id is not None:
            yield sanction.reason_id


def _withdrawals(
    scratch: RoomState, participant: Participant, owned: frozenset[ContentId], context: Context
) -> Iterator[Event]:
    """One thing after the other, each on what the ones before have left."""
    left = tuple(pin for pin in scratch.pins if pin.content_id not in owned)
    if left != scratch.pins:
        yield _folded(scratch, PinChanged(left), context)
    if scratch.mode.shield is not None and scratch.mode.reason_id in owned:
        shield = replace(scratch.mode.shield, reason_id=None, commitment=None)
        yield _folded(scratch, ModeChanged(replace(scratch.mode, shield=shield)), context)
    for event in _unsaid(scratch, participant, owned):
        yield _folded(scratch, event, context)
    for message in list(scratch.messages.values()):
        if message.author_id == participant.id and not message.withdrawn:
            for event in message_withdrawal(scratch, message):
                yield _folded(scratch, event, context)
    for question_id in list(scratch.questions):
        question = scratch.questions[question_id]
        if question.author_id == participant.id and not question.withdrawn:
            for event in question_withdrawal(scratch, question):
                yield _folded(scratch, event, context)


def _unsaid(
    scratch: RoomState, participant: Participant, owned: frozenset[ContentId]
) -> Iterator[Event]:
    """What takes back the reasons, papers, announcements, parts, polls and answers whose words
    go."""
    for sanction in list(scratch.sanctions.values()):
        if sanction.reason_id in owned:
            yield without_reason(sanction)
    for paper in papers_to_forget(scratch, participant, owned):
        yield settled(paper, PaperStatus.REMOVED, None)
    yield from taken_down(scratch, participant.id)
    yield from without_words(scratch, owned)
    yield from without_part_words(scratch, owned)
    yield from polls_without_words(scratch, owned)
    yield from without_their_words(scratch, participant.id, owned)


def _folded(scratch: RoomState, event: Event, context: Context) -> Event:
    fold(scratch, Recorded(scratch.head + 1, context.now, event))
    return event
