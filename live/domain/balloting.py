"""People answer polls: one ballot each, which a later one replaces until the poll closes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from live.domain.ballot_box import ANSWERED
from live.domain.events import Recorded
from live.domain.ids import ContentId, ParticipantId, PollId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.poll import (
    CohortTally,
    Poll,
    PollBallot,
    PollKind,
    PollStatus,
    Tally,
    WordStatus,
    WordTally,
)
from live.domain.poll_commands import AnswerPoll
from live.domain.poll_events import PollAnswered, PollTallied
from live.domain.sanction import SILENCING
from live.domain.state import RoomState
from live.domain.word_cloud import cleaned_words, usual_spelling, word_key
from live.domain.writing import new_content

WORDS_KEPT = 60
"""Words of each status that a tally holds."""


def answer(
    state: RoomState, actor: Participant, command: AnswerPoll, context: Context
) -> Decided | Refusal:
    """Who is not asked learns nothing of the poll. The ballot counts for the cohort that the person
    belongs to now, whatever they become later."""
    poll = state.polls.get(command.poll_id)
    refusal = _refusal(state, actor, poll, context)
    if poll is None or refusal is not None:
        return refusal or Refusal("not_found", "There is no such poll.")
    if poll.plan.kind is PollKind.WORDS:
        return _answer_in_words(state, actor, poll, command, context)
    chosen = _chosen(poll, command.choices)
    if isinstance(chosen, Refusal):
        return chosen
    ballot = _ballot(poll, actor, chosen)
    same = state.poll_ballots.get(poll.id, actor.id) == ballot
    return Decided(() if same else (_cast(ballot),), Result(poll_id=poll.id))


def words_of(state: RoomState, ballot: PollBallot) -> tuple[str, ...]:
    """What a ballot of a word cloud says; nothing where it is erased."""
    return words_in(state, ballot.content_id)


def words_in(state: RoomState, content_id: ContentId | None) -> tuple[str, ...]:
    """The words that lie in this content."""
    text = state.text(content_id)
    return () if text is None else tuple(json.loads(text))


def tally(state: RoomState, poll_id: PollId) -> PollTallied | None:
    """The event that brings what is shown up to what is true, or None where they agree."""
    poll = state.polls.get(poll_id)
    if poll is None or poll.opened_at is None or poll.status is PollStatus.WITHDRAWN:
        return None
    counted = _counted(state, poll)
    return None if counted == poll.tally else PollTallied(poll_id, counted)


def without_their_words(
    scratch: RoomState, participant_id: ParticipantId, owned: frozenset[ContentId]
) -> Iterator[PollTallied]:
    """What takes a person's words out of the clouds; that they answered still counts."""
    for ballot in scratch.poll_ballots.of_person(participant_id):
        content = None if ballot.content_id is None else scratch.contents.get(ballot.content_id)
        if content is None or content.id not in owned:
            continue
        scratch.contents[content.id] = replace(content, text=None, salt=None)
        counted = tally(scratch, ballot.poll_id)
        if counted is not None:
            yield counted


def verdict_contents(state: RoomState) -> frozenset[ContentId]:
    """The words that the team judged: they are not theirs, and stay when one of them is erased."""
    return frozenset(each.content_id for poll in state.polls.values() for each in poll.verdicts)


def fold_answered(state: RoomState, recorded: Recorded, event: PollAnswered) -> None:
    state.poll_ballots.put(
        PollBallot(
            event.poll_id,
            event.participant_id,
            event.choices,
            event.segment,
            event.language,
            event.content_id,
            event.held,
        )
    )


def fold_tallied(state: RoomState, recorded: Recorded, event: PollTallied) -> None:
    state.polls[event.poll_id] = replace(state.polls[event.poll_id], tally=event.tally)


def _refusal(
    state: RoomState, actor: Participant, poll: Poll | None, context: Context
) -> Refusal | None:
    if actor.role.is_staff:
        return Refusal("forbidden", "The team asks; the audience answers.")
    default = state.session.languages[0]
    if (
        poll is None
        or poll.opened_at is None
        or poll.status is PollStatus.WITHDRAWN
        or poll.plan.variant(actor.segment, actor.language, default) is None
    ):
        return Refusal("not_found", "There is no such poll.")
    over = poll.until is not None and poll.until <= context.now
    if poll.status is not PollStatus.OPEN or over:
        return Refusal("wrong_state", "This poll is closed.")
    if poll.plan.named and not actor.display_name:
        return Refusal("name_required", "Say what you want to be called first.")
    return None


def _chosen(poll: Poll, choices: tuple[str, ...]) -> tuple[str, ...] | Refusal:
    """Options of this poll, each once, in their order."""
    if not choices:
        return Refusal("empty", "Choose something.")
    if len(set(choices)) < len(choices):
        return Refusal("invalid", "The same option stands there twice.")
    if not set(choices) <= set(poll.plan.options):
        return Refusal("invalid", "That is no option of this poll.")
    if len(choices) > poll.plan.most:
        return Refusal("invalid", f"{poll.plan.most} is the most that may be chosen.")
    return tuple(each for each in poll.plan.options if each in choices)


def _answer_in_words(
    state: RoomState, actor: Participant, poll: Poll, command: AnswerPoll, context: Context
) -> Decided | Refusal:
    if state.sanction_of(actor.id, SILENCING, context.now):
        return Refusal("forbidden", "You may not write in this session.")
    if not command.choices:
        return Refusal("empty", "Write a word.")
    if len(command.choices) > poll.plan.most:
        return Refusal("invalid", f"{poll.plan.most} is the most that may be said.")
    words = cleaned_words(command.choices, actor.language)
    if isinstance(words, Refusal):
        return words
    before = state.poll_ballots.get(poll.id, actor.id)
    if before is not None and words_of(state, before) == words:
        return Decided(result=Result(poll_id=poll.id))
    held = context.screening is not None and (
        context.screening.hold or context.screening.masked is not None
    )
    text = json.dumps(words, ensure_ascii=False)
    content, commitment = new_content(state, actor, text, context)
    ballot = replace(_ballot(poll, actor, ()), content_id=content.id, held=held)
    return Decided(
        (replace(_cast(ballot), commitment=commitment),),
        Result(poll_id=poll.id),
        contents=(content,),
    )


def _ballot(poll: Poll, actor: Participant, choices: tuple[str, ...]) -> PollBallot:
    return PollBallot(poll.id, actor.id, choices, actor.segment, actor.language)


def _cast(ballot: PollBallot) -> PollAnswered:
    return PollAnswered(
        poll_id=ballot.poll_id,
        participant_id=ballot.participant_id,
        choices=ballot.choices,
        segment=ballot.segment,
        language=ballot.language,
        content_id=ballot.content_id,
        held=ballot.held,
    )


# --- counting


def _counted(state: RoomState, poll: Poll) -> Tally:
    counts = state.poll_ballots.counts(poll.id)
    return Tally(
        cohorts=tuple(
            CohortTally(
                segment=segment,
                language=language,
                answered=of_one[ANSWERED],
                counts=tuple(of_one[option] for option in poll.plan.options),
            )
            for (segment, language), of_one in sorted(counts.items())
        ),
        words=_words(state, poll) if poll.plan.kind is PollKind.WORDS else (),
    )


@dataclass(slots=True)
class _Said:
    """One word, whoever said it: where each spelling stands first, and how many use it."""

    spellings: Counter[str] = field(default_factory=Counter)
    places: dict[str, tuple[ContentId, int]] = field(default_factory=dict)
    free: bool = False

    def add(self, spelling: str, place: tuple[ContentId, int], *, held: bool) -> None:
        self.spellings[spelling] += 1
        self.places[spelling] = min(self.places.get(spelling, place), place)
        self.free = self.free or not held


def _words(state: RoomState, poll: Poll) -> tuple[WordTally, ...]:
    said: dict[str, _Said] = {}
    for ballot in state.poll_ballots.of_poll(poll.id):
        if ballot.content_id is None:
            continue
        for at, word in enumerate(words_of(state, ballot)):
            key = word_key(word, ballot.language)
            said.setdefault(key, _Said()).add(word, (ballot.content_id, at), held=ballot.held)
    verdicts = _verdicts(state, poll)
    left = dict.fromkeys(WordStatus, WORDS_KEPT)
    told: list[WordTally] = []
    for key, one in sorted(said.items(), key=lambda each: (-each[1].spellings.total(), each[0])):
        status = _status(one, verdict=verdicts.get(key))
        if left[status]:
            left[status] -= 1
            content_id, place = one.places[usual_spelling(one.spellings)]
            told.append(WordTally(content_id, place, one.spellings.total(), status))
    return tuple(told)


def _status(word: _Said, *, verdict: bool | None) -> WordStatus:
    if verdict is None:
        return WordStatus.SHOWN if word.free else WordStatus.WAITING
    return WordStatus.SHOWN if verdict else WordStatus.STRUCK


def _verdicts(state: RoomState, poll: Poll) -> dict[str, bool]:
    """By the word as it is counted; the latest of each."""
    verdicts: dict[str, bool] = {}
    for each in poll.verdicts:
        text = state.text(each.content_id)
        if text is not None:
            verdicts[text] = each.shown
    return verdicts
