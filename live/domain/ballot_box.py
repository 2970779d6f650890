"""The ballots of all polls, one a person and poll, counted as they come.

A layer as ``live.domain.tables`` has them: it costs what it changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from live.domain.ids import ParticipantId, PollId
from live.domain.poll import PollBallot

Cohort = tuple[str, str]

ANSWERED = ""
"""What a cohort's counter has beside its options: how many people answered."""

Counts = dict[Cohort, Counter[str]]


class BallotBox:
    """A later ballot of the same person takes the place of the earlier one."""

    __slots__ = ("_by_person", "_by_poll", "_counts", "_mine", "_under")

    def __init__(self, under: BallotBox | None = None) -> None:
        self._under = under
        self._by_poll: dict[PollId, dict[ParticipantId, PollBallot]] = {}
        self._by_person: dict[ParticipantId, set[PollId]] = {}
        self._counts: dict[PollId, Counts] = {}
        self._mine: dict[tuple[PollId, ParticipantId], PollBallot] = {}

    def fork(self) -> BallotBox:
        return BallotBox(self)

    def get(self, poll_id: PollId, participant_id: ParticipantId) -> PollBallot | None:
        if self._under is None:
            return self._by_poll.get(poll_id, {}).get(participant_id)
        mine = self._mine.get((poll_id, participant_id))
        return self._under.get(poll_id, participant_id) if mine is None else mine

    def put(self, ballot: PollBallot) -> None:
        """Cast it."""
        if self._under is None:
            self._settle(ballot)
        else:
            self._mine[ballot.poll_id, ballot.participant_id] = ballot

    def of_poll(self, poll_id: PollId) -> Iterator[PollBallot]:
        """Each person's, in no order."""
        if self._under is None:
            yield from self._by_poll.get(poll_id, {}).values()
            return
        for ballot in self._under.of_poll(poll_id):
            if (poll_id, ballot.participant_id) not in self._mine:
                yield ballot
        yield from (each for each in self._mine.values() if each.poll_id == poll_id)

    def of_person(self, participant_id: ParticipantId) -> list[PollBallot]:
        """By the poll's identifier."""
        polls = set(self._by_person.get(participant_id, ()))
        if self._under is not None:
            polls = {each.poll_id for each in self._under.of_person(participant_id)}
        polls |= {poll_id for poll_id, person in self._mine if person == participant_id}
        found = (self.get(poll_id, participant_id) for poll_id in sorted(polls))
        return [each for each in found if each is not None]

    def counts(self, poll_id: PollId) -> Counts:
        """Of each cohort how many answered, and what. Only to be read."""
        if self._under is None:
            return self._counts.get(poll_id, {})
        counts = {cohort: Counter(each) for cohort, each in self._under.counts(poll_id).items()}
        for ballot in self._mine.values():
            if ballot.poll_id == poll_id:
                _count(counts, self._under.get(poll_id, ballot.participant_id), ballot)
        return counts

    def changed(self) -> list[PollBallot]:
        """The ballots that this layer sets."""
        return list(self._mine.values())

    def __iter__(self) -> Iterator[PollBallot]:
        """All ballots there are; of a layer's, those it sets."""
        for of_one in self._by_poll.values():
            yield from of_one.values()
        yield from self._mine.values()

    def absorb(self, layer: BallotBox) -> None:
        """Take over what a layer of this one changed."""
        for ballot in layer._mine.values():
            self._settle(ballot)

    def _settle(self, ballot: PollBallot) -> None:
        poll_id, person = ballot.poll_id, ballot.participant_id
        of_poll = self._by_poll.setdefault(poll_id, {})
        _count(self._counts.setdefault(poll_id, {}), of_poll.get(person), ballot)
        of_poll[person] = ballot
        self._by_person.setdefault(person, set()).add(poll_id)


def _count(counts: Counts, before: PollBallot | None, now: PollBallot) -> None:
    if before is not None:
        cohort = (before.segment, before.language)
        counts[cohort].subtract((ANSWERED, *before.choices))
        if not counts[cohort][ANSWERED]:
            del counts[cohort]
    counts.setdefault((now.segment, now.language), Counter()).update((ANSWERED, *now.choices))
