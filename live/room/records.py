"""Between a room's state and what the store keeps of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from live.domain.content import Content
from live.domain.filing import contents_of, put_paper
from live.domain.ids import ContentId
from live.domain.message import Message, MessageStatus
from live.domain.mode import Review
from live.domain.question import Question, QuestionStatus
from live.domain.recording import Recording
from live.domain.session import Session, SessionState
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.ports.store import RoomRecord, SessionRecord
from live.room.codec import Document, decode_document, encode_document


def session_of(record: SessionRecord) -> Session:
    """The domain's view of a session's row, without its document."""
    return Session(
        id=record.id,
        slug=record.slug,
        title=record.title,
        state=SessionState(record.state),
        epoch=record.epoch,
        created_at=record.created_at,
        starts_at=record.starts_at,
        languages=record.languages,
        segments=record.segments,
        visibility=record.visibility,
        description=record.description,
        recording=Recording(record.recording),
        live_since=record.live_since,
        ended_at=record.ended_at,
    )


def session_record(state: RoomState) -> SessionRecord:
    """The row of a session in this state, document included."""
    return replace(announced(state), document=encode_document(document_of(state)))


def announced(state: RoomState) -> SessionRecord:
    """What a session's row says of it to those who are not inside: all but its document."""
    session = state.session
    return SessionRecord(
        id=session.id,
        slug=session.slug,
        title=session.title,
        state=session.state.value,
        epoch=session.epoch,
        created_at=session.created_at,
        starts_at=session.starts_at,
        languages=session.languages,
        segments=session.segments,
        visibility=session.visibility,
        review=state.mode.review.value,
        description=session.description,
        recording=session.recording.value,
        live_since=session.live_since,
        ended_at=session.ended_at,
        head=state.head,
    )


def document_of(state: RoomState) -> Document:
    """The small things of this state."""
    return Document(
        mode=state.mode,
        seats=state.seats,
        pins=state.pins,
        on_screen=state.on_screen,
        claims=tuple(state.claims.values()),
        sanctions=tuple(state.sanctions.values()),
        mutes={person: tuple(sorted(muted)) for person, muted in state.mutes.items() if muted},
        decisions=state.decisions,
        staff_says=state.staff_says,
        reports=state.reports,
        listening=state.listening,
        proposals=state.proposals,
        apart=state.apart,
        labels=state.labels,
        settled=tuple(state.settled.items()),
        runshow=state.runshow,
        cues=state.cues,
        cueing=state.cueing,
        slate=state.slate,
        calling=state.calling,
    )


def session_differs(draft: RoomState, committed: RoomState) -> bool:
    """Whether a draft changes anything that lies in the session's row."""
    return bool(draft.mutes.changed()) or any(
        getattr(draft, name) is not getattr(committed, name)
        for name in (
            "session",
            "mode",
            "seats",
            "pins",
            "on_screen",
            "claims",
            "sanctions",
            "decisions",
            "staff_says",
            "reports",
            "listening",
            "proposals",
            "apart",
            "labels",
            "settled",
            "runshow",
            "cues",
            "cueing",
            "slate",
            "calling",
        )
    )


def state_of(record: RoomRecord) -> RoomState:
    """The state as it was when the last batch was committed."""
    state = RoomState(session_of(record.session))
    state.head = record.session.head
    put_session(state, record.session)
    for participant in record.participants:
        state.put_participant(participant)
    add_contents(state, record.contents)
    _add_messages(state, record.messages)
    _add_questions(state, record.questions)
    for ballot in record.ballots:
        state.ballots.cast(ballot.question_id, ballot.participant_id, up=ballot.up)
    for paper in record.papers:
        put_paper(state, paper)
    for announcement in record.announcements:
        state.announcements[announcement.id] = announcement
    for part in record.parts:
        state.parts[part.id] = part
    for poll in record.polls:
        state.polls[poll.id] = poll
    for answered in record.poll_ballots:
        state.poll_ballots.put(answered)
    for key, total in record.reactions.items():
        state.reactions[key] = total
    for tick in record.ticks:
        state.ticks[tick.at] = tick
    for participant_id, steps in record.reached.items():
        state.reached[participant_id] = steps
    return state


def put_session(state: RoomState, record: SessionRecord) -> None:
    """Make the session and its document what this row says; the head is left as it is."""
    document = decode_document(record.document)
    state.session = session_of(record)
    state.mode = replace(document.mode, review=Review(record.review))
    state.seats = tuple(document.seats)
    state.pins = tuple(document.pins)
    state.on_screen = document.on_screen
    state.claims = {claim.subject: claim for claim in document.claims}
    state.sanctions = {(each.participant_id, each.kind): each for each in document.sanctions}
    state.decisions = tuple(document.decisions)
    state.staff_says = tuple(document.staff_says)
    state.reports = tuple(document.reports)
    state.listening = document.listening
    state.proposals = tuple(document.proposals)
    state.apart = tuple(document.apart)
    state.labels = tuple(document.labels)
    state.settled = dict(document.settled)
    state.runshow = document.runshow
    state.cues = tuple(document.cues)
    state.cueing = document.cueing
    state.slate = document.slate
    state.calling = document.calling
    for person, muted in document.mutes.items():
        state.mutes[person] = frozenset(muted)


def document_contents(state: RoomState) -> list[ContentId]:
    """The contents that the document, papers, announcements, parts and polls refer to; they are not
    loaded with the messages."""
    ids = [
        *(decision.reason_id for decision in state.decisions),
        *(pin.content_id for pin in state.pins),
        *(call.content_id for call in state.calling.calls),
        *(say.content_id for say in state.staff_says),
        *(report.content_id for report in state.reports),
        *(sanction.reason_id for sanction in state.sanctions.values()),
        state.mode.reason_id,
        *(each for paper in state.papers.values() for each in contents_of(paper)),
        *(each for settled in state.settled.values() for each in settled.contents),
        *(each.content_id for told in state.announcements.values() for each in told.variants),
        *(part.plan.content_id for part in state.parts.values()),
        *(each.content_id for poll in state.polls.values() for each in poll.plan.variants),
        *(each.content_id for poll in state.polls.values() for each in poll.verdicts),
        *(each.content_id for poll in state.polls.values() for each in poll.tally.words),
        *(ballot.content_id for ballot in state.poll_ballots),
    ]
    return [each for each in ids if each is not None]


def add_contents(state: RoomState, contents: Iterable[Content]) -> None:
    """Bring texts into memory; what is there is newer and stays."""
    for content in contents:
        if content.id not in state.contents:
            state.contents[content.id] = content


def hydrate(state: RoomState, messages: Iterable[Message], contents: Iterable[Content]) -> None:
    """Bring older messages into the window; what is there is newer and stays."""
    for message in messages:
        if message.id not in state.messages:
            state.messages[message.id] = message
    add_contents(state, contents)


def _add_messages(state: RoomState, messages: Iterable[Message]) -> None:
    for message in messages:
        state.messages[message.id] = message
    in_time = sorted(messages, key=lambda each: each.at)
    for message in in_time:
        pending = message.status is MessageStatus.PENDING
        refused = message.status is MessageStatus.REFUSED and not message.withdrawn
        subject = Subject.message(message.id)
        state.index(subject, message.author_id, held=pending, own=pending or refused)
        state.note_post(message.author_id, message.at)
    placed = (message for message in messages if message.place is not None)
    for message in sorted(placed, key=lambda each: each.place or 0):
        state.timeline.append(message.id)


def _add_questions(state: RoomState, questions: Iterable[Question]) -> None:
    for question in sorted(questions, key=lambda each: each.at):
        state.questions[question.id] = question
        pending = question.status is QuestionStatus.PENDING
        dismissed = question.status is QuestionStatus.DISMISSED
        refused = dismissed and not question.withdrawn
        subject = Subject.question(question.id)
        state.index(subject, question.author_id, held=pending, own=pending or refused)
        state.note_post(question.author_id, question.at)
        if question.merged_into is not None:
            members = state.members.get(question.merged_into) or ()
            state.members[question.merged_into] = (*members, question.id)
    placed = (question for question in questions if question.place is not None)
    for question in sorted(placed, key=lambda each: each.place or 0):
        state.question_order.append(question.id)


def trim(state: RoomState, window: int) -> None:
    """Forget the messages that were touched longest ago, once there are a tenth too many. What
    waits for a decision, an author's own and the latest of the chat stay."""
    surplus = len(state.messages) - window
    if surplus * 10 < window:
        return
    kept = set(state.timeline.latest(window // 2))
    evicted: list[Message] = []
    for message in state.messages.values():
        if len(evicted) == surplus:
            break
        waits = message.status in (MessageStatus.PENDING, MessageStatus.REFUSED)
        if message.id not in kept and not (waits and not message.withdrawn):
            evicted.append(message)
    for message in evicted:
        state.messages.discard(message.id)
        state.contents.discard(message.content_id)
