"""The team prepares polls, asks, closes, reveals, puts away and takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from live.domain.balloting import fold_answered, fold_tallied, tally
from live.domain.content import Content
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import ContentId, PollId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.poll import Plan, Poll, PollKind, PollStatus, Verdict
from live.domain.poll_commands import (
    ClosePoll,
    DraftPoll,
    JudgeWord,
    OpenPoll,
    PreparePoll,
    RevealPoll,
    ShowPoll,
    WithdrawPoll,
)
from live.domain.poll_events import (
    PollAnswered,
    PollChanged,
    PollClosed,
    PollOpened,
    PollPrepared,
    PollTallied,
)
from live.domain.poll_planning import duration_refusal, planned
from live.domain.session import SessionState
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.word_cloud import WORD_CHARS, word_key
from live.domain.writing import new_content

OPEN_MOST = 5
VERDICTS_MOST = 500

_UNKNOWN = Refusal("not_found", "There is no such poll.")


def prepare(
    state: RoomState, actor: Participant, command: PreparePoll, context: Context
) -> Decided | Refusal:
    """A draft, or all of what a draft says from now on."""
    if command.poll_id is None:
        return _begun(state, actor, command.poll, context)
    known = state.polls.get(command.poll_id)
    if known is None:
        return _UNKNOWN
    if known.status is not PollStatus.DRAFT:
        return Refusal("wrong_state", "This poll has been asked already.")
    if known.revision != command.revision:
        return Refusal("stale", "Someone else has changed this poll meanwhile.")
    made = planned(state, actor, command.poll, context)
    if isinstance(made, Refusal):
        return made
    plan, contents = made
    return Decided(
        (PollPrepared(known.id, known.revision + 1, known.author_id, plan),),
        Result(poll_id=known.id),
        contents=contents,
        erase=tuple(each.content_id for each in known.plan.variants),
    )


def open_poll(
    state: RoomState, actor: Participant, command: OpenPoll, context: Context
) -> Decided | Refusal:
    """Ask now: a draft, or one that is written at once. What was asked is never asked again."""
    if not state.session.chat_runs:
        return Refusal("wrong_state", "Nobody is here to be asked.")
    if (command.poll is None) == (command.poll_id is None):
        return Refusal("invalid", "Give a poll, or the poll_id of a draft.")
    refusal = duration_refusal(command.for_s)
    if refusal is not None:
        return refusal
    running = sum(each.status is PollStatus.OPEN for each in state.polls.values())
    if running >= OPEN_MOST:
        return Refusal("wrong_state", f"{OPEN_MOST} polls are open already.")
    if command.poll is not None:
        begun = _begun(state, actor, command.poll, context)
        if isinstance(begun, Refusal):
            return begun
        poll_id = begun.result.poll_id or PollId("")
        opened = _opened(poll_id, 1, command.for_s or command.poll.for_s, context)
        return replace(begun, events=(*begun.events, opened))
    draft = state.polls.get(command.poll_id or PollId(""))
    if draft is None:
        return _UNKNOWN
    if draft.status is not PollStatus.DRAFT:
        return Refusal("wrong_state", "This poll has been asked already.")
    for_s = command.for_s or draft.plan.for_s
    opened = _opened(draft.id, draft.revision, for_s, context)
    return Decided((opened,), Result(poll_id=draft.id))


def close(
    state: RoomState, actor: Participant, command: ClosePoll, _: Context
) -> Decided | Refusal:
    """No more ballots, and an exact tally. Closing a closed one is no harm."""
    poll = state.polls.get(command.poll_id)
    if poll is None:
        return _UNKNOWN
    if poll.status is PollStatus.CLOSED:
        return Decided(result=Result(poll_id=poll.id))
    if poll.status is not PollStatus.OPEN:
        return Refusal("wrong_state", "This poll is not open.")
    return Decided(_closed(state, poll), Result(poll_id=poll.id))


def reveal(
    state: RoomState, actor: Participant, command: RevealPoll, _: Context
) -> Decided | Refusal:
    """From now on those who are asked see how all answered."""
    poll = state.polls.get(command.poll_id)
    if poll is None:
        return _UNKNOWN
    if poll.status not in (PollStatus.OPEN, PollStatus.CLOSED):
        return Refusal("wrong_state", "There are no results to reveal.")
    if poll.results_are_seen:
        return Decided(result=Result(poll_id=poll.id))
    counted = tally(state, poll.id)
    told = () if counted is None else (counted,)
    return Decided((*told, _changed(replace(poll, revealed=True))), Result(poll_id=poll.id))


def show(state: RoomState, actor: Participant, command: ShowPoll, _: Context) -> Decided | Refusal:
    """Keep a closed poll on the viewers' pages, or put it away."""
    poll = state.polls.get(command.poll_id)
    if poll is None:
        return _UNKNOWN
    if poll.status is not PollStatus.CLOSED:
        return Refusal("wrong_state", "Only what is closed is kept or put away.")
    events = () if poll.shown == command.on else (_changed(replace(poll, shown=command.on)),)
    return Decided(events, Result(poll_id=poll.id))


def withdraw(
    state: RoomState, actor: Participant, command: WithdrawPoll, _: Context
) -> Decided | Refusal:
    """It goes from every screen; its ballots are kept, and nobody is shown them any more."""
    poll = state.polls.get(command.poll_id)
    if poll is None:
        return _UNKNOWN
    if poll.status is PollStatus.WITHDRAWN:
        return Decided(result=Result(poll_id=poll.id))
    return Decided((_withdrawn(poll),), Result(poll_id=poll.id))


def judge_word(
    state: RoomState, actor: Participant, command: JudgeWord, context: Context
) -> Decided | Refusal:
    """Show a word that waits, or strike one: for everyone who said it, and who will."""
    poll = state.polls.get(command.poll_id)
    if poll is None:
        return _UNKNOWN
    if poll.plan.kind is not PollKind.WORDS or poll.opened_at is None:
        return Refusal("wrong_state", "Nobody answers this poll in words.")
    word = clean_text(command.word, 2 * WORD_CHARS)
    if isinstance(word, Refusal):
        return word
    if len(poll.verdicts) >= VERDICTS_MOST:
        return Refusal("overloaded", f"{VERDICTS_MOST} words have been judged.")
    keys = sorted({word_key(word, each) for each in ("", *state.session.languages)})
    written = [new_content(state, actor, key, context) for key in keys]
    verdicts = (Verdict(content.id, made, command.shown) for content, made in written)
    judged = replace(poll, verdicts=(*poll.verdicts, *verdicts))
    contents = tuple(content for content, _ in written)
    return Decided((_changed(judged),), Result(poll_id=poll.id), contents=contents)


def lapsed_polls(state: RoomState, now: datetime) -> Iterator[Event]:
    """What closes the polls whose time is over, or whose show is."""
    ended = state.session.state is SessionState.ENDED
    for poll in state.polls.values():
        over = ended or (poll.until is not None and poll.until <= now)
        if poll.status is PollStatus.OPEN and over:
            yield from _closed(state, poll)


def polls_without_words(state: RoomState, owned: frozenset[ContentId]) -> Iterator[Event]:
    """What takes back the polls of which some words are about to be erased."""
    for poll in list(state.polls.values()):
        known = (each.content_id for each in poll.plan.variants)
        if poll.status is not PollStatus.WITHDRAWN and not owned.isdisjoint(known):
            yield _withdrawn(poll)


def ends_of_polls(state: RoomState) -> Iterator[datetime]:
    """When open polls close by themselves."""
    for poll in state.polls.values():
        if poll.status is PollStatus.OPEN and poll.until is not None:
            yield poll.until


def fold_prepared(state: RoomState, recorded: Recorded, event: PollPrepared) -> None:
    known = state.polls.get(event.poll_id)
    state.polls[event.poll_id] = Poll(
        id=event.poll_id,
        author_id=event.author_id,
        at=recorded.at if known is None else known.at,
        revision=event.revision,
        status=PollStatus.DRAFT,
        plan=event.plan,
    )


def fold_opened(state: RoomState, recorded: Recorded, event: PollOpened) -> None:
    state.polls[event.poll_id] = replace(
        state.polls[event.poll_id],
        revision=event.revision,
        status=PollStatus.OPEN,
        opened_at=recorded.at,
        until=event.until,
    )


def fold_closed(state: RoomState, recorded: Recorded, event: PollClosed) -> None:
    state.polls[event.poll_id] = replace(
        state.polls[event.poll_id],
        revision=event.revision,
        status=PollStatus.CLOSED,
        closed_at=recorded.at,
    )


def fold_changed(state: RoomState, recorded: Recorded, event: PollChanged) -> None:
    state.polls[event.poll_id] = replace(
        state.polls[event.poll_id],
        revision=event.revision,
        status=event.status,
        revealed=event.revealed,
        shown=event.shown,
        verdicts=event.verdicts,
    )


def _begun(
    state: RoomState, actor: Participant, draft: DraftPoll, context: Context
) -> Decided | Refusal:
    if len(state.polls) >= context.limits.polls:
        return Refusal("overloaded", f"{context.limits.polls} polls is the most.")
    made = planned(state, actor, draft, context)
    if isinstance(made, Refusal):
        return made
    return _prepared(PollId(context.entropy.new_id()), actor, *made)


def _prepared(
    poll_id: PollId, actor: Participant, plan: Plan, contents: tuple[Content, ...]
) -> Decided:
    event = PollPrepared(poll_id, 1, actor.id, plan)
    return Decided((event,), Result(poll_id=poll_id), contents=contents)


def _opened(poll_id: PollId, revision: int, for_s: float | None, context: Context) -> PollOpened:
    until = None if for_s is None else context.now + timedelta(seconds=for_s)
    return PollOpened(poll_id, revision + 1, until)


def _closed(state: RoomState, poll: Poll) -> tuple[Event, ...]:
    counted = tally(state, poll.id)
    told = () if counted is None else (counted,)
    return (*told, PollClosed(poll.id, poll.revision + 1))


def _withdrawn(poll: Poll) -> PollChanged:
    return _changed(replace(poll, status=PollStatus.WITHDRAWN))


def _changed(poll: Poll) -> PollChanged:
    return PollChanged(
        poll_id=poll.id,
        revision=poll.revision + 1,
        status=poll.status,
        revealed=poll.revealed,
        shown=poll.shown,
        verdicts=poll.verdicts,
    )


POLL_FOLDS: Mapping[type[Event], Callable[[RoomState, Recorded, Any], None]] = {
    PollPrepared: fold_prepared,
    PollOpened: fold_opened,
    PollAnswered: fold_answered,
    PollTallied: fold_tallied,
    PollClosed: fold_closed,
    PollChanged: fold_changed,
}
"""What each fact of a poll makes true; each takes the event of its own key."""
