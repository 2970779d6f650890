"""Polls for tests: drafts in few words, what chance makes of them, and what nobody may see."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from live.domain.balloting import words_in, words_of
from live.domain.ids import ParticipantId, PollId
from live.domain.poll import PollKind, Results, WordStatus
from live.domain.poll_commands import (
    AnswerPoll,
    ClosePoll,
    DraftPoll,
    DraftQuestion,
    JudgeWord,
    OpenPoll,
    PollCommand,
    PreparePoll,
    RevealPoll,
    ShowPoll,
    WithdrawPoll,
)
from live.domain.poll_planning import asked
from live.domain.state import RoomState


def question(text: str = "Which colour?", *options: str, **cohort: str) -> DraftQuestion:
    """One variant, of two options unless there are others."""
    return DraftQuestion(text, options or ("Red", "Blue"), **cohort)


def draft(*variants: DraftQuestion, kind: PollKind = PollKind.SINGLE, **more: Any) -> DraftPoll:
    """A poll of these variants, or of one for everyone."""
    return DraftPoll(kind, variants or (question(),), **more)


def chance_answer(rng: Random, state: RoomState, text: str) -> AnswerPoll:
    """An answer to one of the latest polls; mostly one that can be taken."""
    polls = list(state.polls.values())[-4:]
    if not polls:
        return AnswerPoll(PollId("none"), ("1",))
    poll = rng.choice(polls)
    if poll.plan.kind is PollKind.WORDS:
        return AnswerPoll(poll.id, (text[:30], rng.choice(("warm", "Warm!", "soft"))))
    options = (*poll.plan.options, "99")
    return AnswerPoll(poll.id, tuple(rng.sample(options, rng.randint(1, 2))))


def chance_poll(rng: Random, state: RoomState, text: str) -> PollCommand:
    """What the team may do with polls."""
    made = _drawn(rng, text)
    known = list(state.polls.values())[-4:]
    if not known or rng.random() < 0.3:
        return OpenPoll(made, for_s=rng.choice((None, 60.0)))
    poll = rng.choice(known)
    if rng.random() < 0.2:
        return PreparePoll(made, *((poll.id, poll.revision) if rng.random() < 0.5 else ()))
    return rng.choice(
        (
            OpenPoll(poll_id=poll.id),
            ClosePoll(poll.id),
            RevealPoll(poll.id),
            ShowPoll(poll.id, rng.random() < 0.5),
            WithdrawPoll(poll.id),
            JudgeWord(poll.id, "warm", rng.random() < 0.5),
        )
    )


def _drawn(rng: Random, text: str) -> DraftPoll:
    kind = rng.choice((PollKind.SINGLE, PollKind.MULTIPLE, PollKind.QUIZ, PollKind.WORDS))
    options = () if kind is PollKind.WORDS else (f"{text} one", f"{text} two", "three")
    cohorts = rng.sample([(None, "en"), (None, "fr"), ("customer", "en"), ("influencer", "fr")], 2)
    return DraftPoll(
        kind,
        tuple(DraftQuestion(f"{text} {name}", options, *name) for name in cohorts),
        most=2 if kind in (PollKind.MULTIPLE, PollKind.WORDS) else None,
        right=("1",) if kind is PollKind.QUIZ else (),
        results=rng.choice(list(Results)),
        named=rng.random() < 0.3,
    )


def said_in_polls(state: RoomState, reader: ParticipantId) -> Iterator[tuple[bool, str]]:
    """What polls say and what was answered in words, and whether this viewer may know it."""
    person, default = state.participants[reader], state.session.languages[0]
    for poll in state.polls.values():
        own = poll.plan.variant(person.segment, person.language, default)
        has_it = poll.is_seen and own is not None
        for variant in poll.plan.variants:
            said = asked(state, variant)
            if said is not None:
                told = has_it and variant is own
                yield from ((told, each) for each in (said.question, *said.options))
        for word in poll.tally.words:
            seen = has_it and poll.results_are_seen and word.status is WordStatus.SHOWN
            yield from ((seen, each) for each in words_in(state, word.content_id)[word.place :][:1])
    for ballot in state.poll_ballots:
        mine = ballot.participant_id == reader
        yield from ((mine, word) for word in words_of(state, ballot))
