"""A message is posted, withdrawn, edited; and what each of its events makes true."""

from __future__ import annotations

from dataclasses import replace

from live.domain.asking import ask
from live.domain.content import all_versions, next_version
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import MessageId, Seq
from live.domain.judgement import NO_HINTS
from live.domain.message import Message, MessageStatus
from live.domain.message_commands import EditMessage, PostMessage, WithdrawMessage
from live.domain.message_events import (
    MessageEdited,
    MessageHeld,
    MessagePublished,
    MessageRefused,
    MessageRemoved,
)
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.question_commands import AskQuestion
from live.domain.showing import taken_down
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.domain.text import clean_text
from live.domain.writing import (
    chat_refusal,
    is_held,
    looked_at,
    new_content,
    posted_by,
    queue_is_full,
    set_down,
    writable,
)

QUESTION_PREFIX = "/q"


def post(
    state: RoomState, actor: Participant, command: PostMessage, context: Context
) -> Decided | Refusal:
    question = question_in(command.text)
    if question is not None:
        return ask(state, actor, AskQuestion(question), context)
    context = looked_at(state, actor, context)
    text = writable(state, actor, command.text, context)
    if isinstance(text, Refusal):
        return text
    refusal = chat_refusal(state, actor, text)
    if refusal:
        return refusal
    if command.reply_to and not state.is_public(Subject.message(command.reply_to)):
        return Refusal("not_found", "The message you reply to is not there.")
    held = is_held(state, actor, context)
    if held and (full := queue_is_full(state, context)):
        return full
    written = new_content(state, actor, text, context)
    message_id = MessageId(context.entropy.new_id())
    posted = posted_by(actor, written, context, command.reply_to)
    event = (MessageHeld if held else MessagePublished)(message_id, 1, posted)
    status = MessageStatus.PENDING if held else MessageStatus.PUBLISHED
    result = Result(message_id=message_id, revision=1, status=status.value)
    return set_down(actor, event, result, written, context)


def question_in(text: str) -> str | None:
    """The question that a line starting with ``/q`` asks, or None."""
    head, blank, rest = text.strip().partition(" ")
    return rest if head == QUESTION_PREFIX and (blank or not rest) else None


def withdraw_message(
    state: RoomState, actor: Participant, command: WithdrawMessage, _: Context
) -> Decided | Refusal:
    message = state.messages.get(command.message_id)
    if message is None or message.author_id != actor.id:
        return Refusal("not_found", "There is no such message of yours.")
    if message.withdrawn:
        return Refusal("wrong_state", "This message is withdrawn already.")
    events = message_withdrawal(state, message)
    return Decided(
        events=events,
        result=Result(
            message_id=message.id,
            revision=message.revision + 1,
            status=_withdrawn_status(message).value,
        ),
        erase=all_versions(message.content_id, message.revision),
    )


def message_withdrawal(state: RoomState, message: Message) -> tuple[Event, ...]:
    """The events that take a message away for good."""
    kind = MessageRemoved if _withdrawn_status(message) is MessageStatus.REMOVED else MessageRefused
    return (
        *taken_down(state, Subject.message(message.id)),
        kind(message.id, message.revision + 1, withdrawn=True),
    )


def _withdrawn_status(message: Message) -> MessageStatus:
    return MessageStatus.REFUSED if message.place is None else MessageStatus.REMOVED


def edit_message(
    state: RoomState, actor: Participant, command: EditMessage, context: Context
) -> Decided | Refusal:
    message = state.messages.get(command.message_id)
    if message is None:
        return Refusal("not_found", "There is no such message.")
    subject = Subject.message(message.id)
    if message.revision != command.revision:
        return Refusal("stale", "This message has changed meanwhile.", current=subject)
    if message.status not in (MessageStatus.PENDING, MessageStatus.PUBLISHED):
        return Refusal("wrong_state", "Only a pending or published message can be edited.")
    text = clean_text(command.text, context.limits.text)
    if isinstance(text, Refusal):
        return text
    revision = message.revision + 1
    author = state.participants[message.author_id]
    version = next_version(message.content_id, revision)
    content, commitment = new_content(state, author, text, context, version)
    return Decided(
        events=(MessageEdited(message.id, revision, content.id, commitment),),
        result=Result(message_id=message.id, revision=revision, status=message.status.value),
        contents=(content,),
    )


# --- what the events make true


def fold_held(state: RoomState, recorded: Recorded, event: MessageHeld) -> None:
    _become(state, event, MessageStatus.PENDING, None)


def fold_published(state: RoomState, recorded: Recorded, event: MessagePublished) -> None:
    _become(state, event, MessageStatus.PUBLISHED, Seq(recorded.seq))


def fold_refused(state: RoomState, recorded: Recorded, event: MessageRefused) -> None:
    _take_away(state, event, MessageStatus.REFUSED)


def fold_removed(state: RoomState, recorded: Recorded, event: MessageRemoved) -> None:
    _take_away(state, event, MessageStatus.REMOVED)


def fold_edited(state: RoomState, recorded: Recorded, event: MessageEdited) -> None:
    message = state.messages[event.message_id]
    state.contents.discard(message.content_id)
    _put(
        state,
        replace(message, revision=event.revision, content_id=event.content_id, edited=True),
    )


def _take_away(
    state: RoomState, event: MessageRefused | MessageRemoved, status: MessageStatus
) -> None:
    message = state.messages[event.message_id]
    message = replace(message, status=status, revision=event.revision)
    if event.withdrawn:
        message = replace(message, withdrawn=True, reasons=(), score=None, hints=NO_HINTS)
    _put(state, message)


def _become(
    state: RoomState,
    event: MessageHeld | MessagePublished,
    status: MessageStatus,
    place: Seq | None,
) -> None:
    """A new message in this status, or a known one; the first ``place`` it gets is its own."""
    posted = event.posted
    if posted is None:
        message = state.messages[event.message_id]
        place = place if message.place is None else message.place
        fresh = message.place is None and place is not None
        message = replace(message, status=status, revision=event.revision, place=place)
    else:
        fresh = place is not None
        finding = state.finding(posted.content_id, posted.reasons)
        message = Message(
            id=event.message_id,
            author_id=posted.author_id,
            content_id=posted.content_id,
            language=posted.language,
            status=status,
            revision=event.revision,
            at=posted.at,
            reply_to=posted.reply_to,
            place=place,
            reasons=finding.reasons,
            score=posted.score,
            hints=finding.hints,
        )
        state.note_post(posted.author_id, posted.at)
    if fresh:
        state.timeline.append(message.id)
    _put(state, message)


def _put(state: RoomState, message: Message) -> None:
    former = state.messages.get(message.id)
    state.messages[message.id] = message
    if _is_own(message) or (former is not None and _is_own(former)):
        state.index(
            Subject.message(message.id),
            message.author_id,
            held=message.status is MessageStatus.PENDING,
            own=_is_own(message),
        )


def _is_own(message: Message) -> bool:
    """Whether it is its author's and the team's alone."""
    pending = message.status is MessageStatus.PENDING
    return pending or (message.status is MessageStatus.REFUSED and not message.withdrawn)
