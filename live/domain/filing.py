"""A paper is written, settled, removed; and what each of its events makes true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from live.domain.events import Recorded
from live.domain.ids import ContentId, PaperId, ParticipantId, QuestionId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.paper import Paper, PaperKind, PaperStatus
from live.domain.people import Participant
from live.domain.people_events import PaperChanged
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.writing import new_content


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper that is about to be written: of what kind, about whom, and what it is about."""

    kind: PaperKind
    participant_id: ParticipantId
    status: PaperStatus = PaperStatus.SENT
    about: str | None = None


def write(
    state: RoomState, actor: Participant, sheet: Sheet, text: str, context: Context
) -> Decided | Refusal:
    """The paper, unless its person or the session has too many. Notes may be the longest."""
    limits = context.limits
    long = sheet.kind is PaperKind.NOTE
    cleaned = clean_text(text, limits.note if long else limits.text)
    if isinstance(cleaned, Refusal):
        return cleaned
    with_person = len(state.papers_with.get(sheet.participant_id) or ())
    if with_person >= limits.papers_each or len(state.papers) >= limits.papers:
        return Refusal("overloaded", f"{limits.papers_each} papers about a person is the most.")
    content, commitment = new_content(state, actor, cleaned, context)
    event = PaperChanged(
        paper_id=PaperId(context.entropy.new_id()),
        kind=sheet.kind,
        participant_id=sheet.participant_id,
        author_id=actor.id,
        content_id=content.id,
        status=sheet.status,
        commitment=commitment,
        about=sheet.about,
        by=actor.id,
    )
    return Decided((event,), Result(paper_id=event.paper_id), contents=(content,))


def settled(paper: Paper, status: PaperStatus, by: ParticipantId | None) -> PaperChanged:
    """What takes a paper to another status."""
    return PaperChanged(
        paper_id=paper.id,
        kind=paper.kind,
        participant_id=paper.participant_id,
        author_id=paper.author_id,
        content_id=paper.content_id,
        status=status,
        about=paper.about,
        reply_id=paper.reply_id,
        by=by,
    )


def contents_of(paper: Paper) -> tuple[ContentId, ...]:
    """The texts of a paper: they go with it."""
    return (paper.content_id,) if paper.reply_id is None else (paper.content_id, paper.reply_id)


def papers_to_forget(
    state: RoomState, participant: Participant, owned: frozenset[ContentId]
) -> Iterator[Paper]:
    """The papers that go with a person: all about them, and all whose words were theirs."""
    for paper in list(state.papers.values()):
        theirs = paper.participant_id == participant.id or not owned.isdisjoint(contents_of(paper))
        if theirs and paper.status is not PaperStatus.REMOVED:
            yield paper


def fold_paper(state: RoomState, recorded: Recorded, event: PaperChanged) -> None:
    known = state.papers.get(event.paper_id)
    paper = Paper(
        id=event.paper_id,
        kind=event.kind,
        participant_id=event.participant_id,
        author_id=event.author_id,
        content_id=event.content_id,
        at=recorded.at if known is None else known.at,
        status=event.status,
        about=event.about,
        reply_id=event.reply_id,
        settled_by=None if known is None else event.by,
    )
    put_paper(state, paper)


def put_paper(state: RoomState, paper: Paper) -> None:
    """Keep a paper, and find it again by its person, and an answer by its question."""
    if paper.id not in state.papers:
        others = state.papers_with.get(paper.participant_id) or ()
        state.papers_with[paper.participant_id] = (*others, paper.id)
    state.papers[paper.id] = paper
    if paper.kind is PaperKind.ANSWER and paper.about is not None:
        question_id = QuestionId(paper.about)
        if paper.status is not PaperStatus.REMOVED:
            state.answers[question_id] = paper.id
        elif state.answers.get(question_id) == paper.id:
            state.answers.discard(question_id)


def find(state: RoomState, paper_id: PaperId, kind: PaperKind) -> Paper | Refusal:
    """The paper of this id, if it is there and of this kind."""
    paper = state.papers.get(paper_id)
    if paper is None or paper.kind is not kind or paper.status is PaperStatus.REMOVED:
        return Refusal("not_found", f"There is no such {kind}.")
    return paper
