"""Counting the audience: what somebody did, who came and left. No events; exact, in the same
transaction as what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from live.domain.cue_commands import CountCrowd, NoteStep
from live.domain.fact import Event
from live.domain.funnel import Reached
from live.domain.ids import ParticipantId
from live.domain.message_events import MessageHeld, MessagePublished
from live.domain.outcome import Context, Counted, Decided, Refusal
from live.domain.people import Participant
from live.domain.pulse import (
    AGAIN_TICKS,
    ARRIVED,
    BEGUN,
    KEPT_TICKS,
    LEFT,
    MESSAGE,
    QUESTION,
    Tick,
    cohort_of,
    with_more,
)
from live.domain.question_events import QuestionHeld, QuestionPublished
from live.domain.state import RoomState

_NOTHING = Reached(0)


class Tally:
    """What one step counts on its ``draft``, at the tick ``at``; cheap enough for every tap."""

    __slots__ = ("_at", "_draft", "attentive", "counts", "here", "moods")

    def __init__(self, draft: RoomState, at: int) -> None:
        self._draft = draft
        self._at = at
        self.counts: dict[tuple[str, str, str], int] = {}
        self.here: dict[tuple[str, str], int] | None = None
        self.moods: dict[str, tuple[int, int]] | None = None
        self.attentive: dict[tuple[str, str], int] | None = None

    def tapped(self, actor: Participant, kind: str, count: int) -> None:
        """Somebody reacted."""
        segment, language = cohort_of(actor)
        self._add(segment, language, kind, count)
        begun = BEGUN.get(kind)
        if begun is not None:
            last = self._draft.begun.get((actor.id, kind))
            if last is None or self._at - last >= AGAIN_TICKS:
                self._add(segment, language, begun, 1)
            if last != self._at:
                self._draft.begun[actor.id, kind] = self._at
        self._reach(actor.id, Reached.REACTING)

    def happened(self, event: Event) -> None:
        """Something was written."""
        match event:
            case MessagePublished(posted=posted) | MessageHeld(posted=posted):
                signal, step = MESSAGE, Reached.TALKING
            case QuestionPublished(posted=posted) | QuestionHeld(posted=posted):
                signal, step = QUESTION, Reached.ASKING
            case _:
                return
        author = None if posted is None else self._draft.participants.get(posted.author_id)
        if author is not None:
            self._add(*cohort_of(author), signal, 1)
            self._reach(author.id, step)

    def counted(self, counted: Counted) -> None:
        """The server counted people."""
        for (segment, language, signal), count in counted.counts.items():
            self._add(segment, language, signal, count)
        for participant_id, step in counted.reached.items():
            self._reach(participant_id, step)
        if counted.here is not None:
            self.here = dict(counted.here)
        if counted.moods is not None:
            self.moods = dict(counted.moods)
        if counted.attentive is not None:
            self.attentive = dict(counted.attentive)

    def _add(self, segment: str, language: str, signal: str, count: int) -> None:
        key = (segment, language, signal)
        self.counts[key] = self.counts.get(key, 0) + count

    def _reach(self, participant_id: ParticipantId, step: Reached) -> None:
        known = self._draft.reached.get(participant_id) or _NOTHING
        # Plain numbers: the flags' own operators cost as much as all the rest of a tap.
        if int.__and__(known, step) != step:
            self._draft.reached[participant_id] = known | step

    def close(self) -> None:
        """Put what was counted into the draft's tick."""
        if self.counts or self.here is not None or self.moods is not None:
            known = self._draft.ticks.get(self._at)
            more = Tick(self._at, self.counts, self.here, self.moods, self.attentive)
            self._draft.ticks[self._at] = with_more(known, more)


def count_crowd(
    state: RoomState, actor: Participant | None, command: CountCrowd, _: Context
) -> Decided | Refusal:
    """People whom the room does not know, and the team, are passed over."""
    counts: Counter[tuple[str, str, str]] = Counter()
    reached: dict[ParticipantId, Reached] = {}
    for participant in _known(state, (*command.came, *command.stayed)):
        reached[participant.id] = Reached.PRESENT
    for people, signal in ((command.came, ARRIVED), (command.left, LEFT)):
        for participant in _known(state, people):
            counts[(*cohort_of(participant), signal)] += 1
    moods, attentive = command.moods, command.attentive
    return Decided(
        counted=Counted(
            counts,
            reached,
            {(segment, language): people for segment, language, people in command.here},
            None if moods is None else {segment: (mean, people) for segment, mean, people in moods},
            None if attentive is None else {(segment, lang): n for segment, lang, n in attentive},
        )
    )


def _known(state: RoomState, people: tuple[ParticipantId, ...]) -> Iterator[Participant]:
    for participant_id in people:
        participant = state.participants.get(participant_id)
        if participant is not None and not participant.role.is_staff:
            yield participant


def note_step(
    state: RoomState, actor: Participant | None, command: NoteStep, _: Context
) -> Decided | Refusal:
    """Nothing comes of it where they had come so far before."""
    known = state.reached.get(command.participant_id) or _NOTHING
    if command.step in known or command.participant_id not in state.participants:
        return Decided()
    return Decided(counted=Counted({}, {command.participant_id: command.step}))


def forget_old(state: RoomState) -> None:
    """Keep the last quarter of an hour, once there is a tenth too much."""
    surplus = len(state.ticks) - KEPT_TICKS
    if surplus * 10 < KEPT_TICKS:
        return
    ends = max(state.ticks)
    for at in [each for each in state.ticks if each <= ends - KEPT_TICKS]:
        state.ticks.discard(at)
    for key in [key for key, at in state.begun.items() if at <= ends - AGAIN_TICKS]:
        state.begun.discard(key)
