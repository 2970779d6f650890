"""What can be done about a finding: of what is ready or asked, the one thing that answers it.

A question is picked, an announcement that is ready sent, a poll that is a draft opened, a part of
the run of show gone to. Of a poll, or a part, only what was made for the very people in question is
suggested: what waits for everyone has its own moment.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from live.domain.announcement import Announcement, AnnouncementStatus, variant_for
from live.domain.cue import ActKind, CueAct
from live.domain.part import upcoming
from live.domain.poll import Poll, PollStatus
from live.domain.polling import OPEN_MOST
from live.domain.question import Question, QuestionStatus
from live.domain.runshow import parts_of
from live.domain.state import RoomState
from live.domain.wording import wording
from moderation.cues.history import EVERYONE, Group
from moderation.cues.saying import Said


def answer(state: RoomState, group: Group) -> CueAct | None:
    """Who is lost is answered; has none of them asked, they are asked, or the part of the show
    that is for them comes now."""
    return _first(state, group, pick, ask, move)


def wake(state: RoomState, group: Group) -> CueAct | None:
    """Who has fallen silent is asked something; is nothing ready to be asked, answered."""
    return _first(state, group, ask, pick, move)


def sell(state: RoomState, said: list[Said]) -> CueAct | None:
    """Who asks for the price gets the offer that is ready; else what they asked is answered."""
    prospects = Group("prospect")
    for told in state.announcements.values():
        if told.status is AnnouncementStatus.SAVED and leads(state, told, prospects):
            return CueAct(ActKind.SEND, told.id)
    asked = {each.id for each in said if each.is_question}
    known = [each for each in _open_questions(state, EVERYONE) if each.id in asked]
    best = max(known, key=lambda each: (each.tallied, each.at), default=None)
    if best is not None:
        return CueAct(ActKind.PICK, best.id)
    return _first(state, prospects, pick, move)


def show(_: RoomState, said: list[Said]) -> CueAct | None:
    """The latest that was said is put before everyone."""
    latest = max(said, key=lambda each: each.at)
    return CueAct(ActKind.SCREEN, latest.id)


def pick(state: RoomState, group: Group, among: Container[str] | None = None) -> CueAct | None:
    """The question of these people that most want answered, the latest of those; of ``among``
    alone, where that is given."""
    known = (each for each in _open_questions(state, group) if among is None or each.id in among)
    best = max(known, key=lambda each: (each.tallied, each.at), default=None)
    return None if best is None else CueAct(ActKind.PICK, best.id)


def ask(state: RoomState, group: Group) -> CueAct | None:
    """The oldest draft of a poll that was written for these people, while one may be opened."""
    polls = list(state.polls.values())
    if sum(each.status is PollStatus.OPEN for each in polls) >= OPEN_MOST:
        return None
    drafts = (each for each in polls if each.status is PollStatus.DRAFT and _is_for(each, group))
    first = min(drafts, key=lambda each: each.at, default=None)
    return None if first is None else CueAct(ActKind.POLL, first.id)


def move(state: RoomState, group: Group) -> CueAct | None:
    """The next part that is still to come and serves this segment."""
    if group.segment is None:
        return None
    for part in upcoming(parts_of(state)):
        if any(_within(group.segment, each) for each in part.plan.segments):
            return CueAct(ActKind.PART, part.id)
    return None


def leads(state: RoomState, told: Announcement, group: Group) -> bool:
    """Whether an announcement leads somewhere, for those of this group."""
    if group.segment is None:
        variants = list(told.variants)
    else:
        languages = state.session.languages
        read = (variant_for(told.variants, group.segment, each, languages[0]) for each in languages)
        variants = [each for each in read if each is not None]
    return any(
        (words := wording(state, each)) is not None and words.link is not None for each in variants
    )


def _first(
    state: RoomState, group: Group, *ways: Callable[[RoomState, Group], CueAct | None]
) -> CueAct | None:
    return next((act for way in ways if (act := way(state, group)) is not None), None)


def _open_questions(state: RoomState, group: Group) -> Iterator[Question]:
    for question_id in state.question_order.latest(200):
        question = state.questions[question_id]
        author = state.participants.get(question.author_id)
        if question.status is not QuestionStatus.PUBLISHED or question.merged_into is not None:
            continue
        if author is None or group.segment not in (None, author.segment):
            continue
        if group.language in (None, question.language):
            yield question


def _is_for(poll: Poll, group: Group) -> bool:
    """Whether a poll names these people, in whom it is for or in a text of their own."""
    plan = poll.plan
    if group.segment is not None:
        named = {each.segment for each in plan.audience} | {each.segment for each in plan.variants}
        return any(each is not None and _within(group.segment, each) for each in named)
    if group.language is None:
        return False
    spoken = {each.language for each in plan.audience if each.language is not None}
    return group.language in (spoken or {each.language for each in plan.variants})


def _within(segment: str, other: str) -> bool:
    """Whether a segment is another one, or part of it."""
    return f"{segment}/".startswith(f"{other}/")
