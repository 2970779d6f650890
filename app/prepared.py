"""What the team has made ready in a show, as it would be made ready again in another."""

from __future__ import annotations

from collections.abc import Iterator

from live.domain.announcement import Announcement, AnnouncementStatus
from live.domain.announcement_commands import DraftVariant, SaveAnnouncement
from live.domain.poll import Poll, PollKind, PollStatus
from live.domain.poll_commands import DraftPoll, DraftQuestion, PreparePoll
from live.domain.poll_planning import asked
from live.domain.state import RoomState
from live.domain.wording import wording


def prepared(state: RoomState) -> Iterator[SaveAnnouncement | PreparePoll]:
    """Saved announcements, none of which is sent by itself, and polls that were not opened."""
    for announcement in saved_announcements(state):
        variants = tuple(_variants(state, announcement))
        if variants:
            yield SaveAnnouncement(
                variants,
                lasts_s=announcement.lasts_s,
                pinned=announcement.pinned,
                countdown=announcement.countdown,
            )
    for poll in state.polls.values():
        questions = tuple(_questions(state, poll))
        if poll.status is PollStatus.DRAFT and questions:
            yield PreparePoll(_draft(poll, questions))


def saved_announcements(state: RoomState) -> list[Announcement]:
    """Those that wait to be sent."""
    known = state.announcements.values()
    return [each for each in known if each.status is AnnouncementStatus.SAVED]


def _variants(state: RoomState, announcement: Announcement) -> Iterator[DraftVariant]:
    for each in announcement.variants:
        said = wording(state, each)
        if said is not None:
            yield DraftVariant(said.text, each.segment, each.language, said.link, said.product)


def _questions(state: RoomState, poll: Poll) -> Iterator[DraftQuestion]:
    for each in poll.plan.variants:
        said = asked(state, each)
        if said is not None:
            yield DraftQuestion(
                said.question, said.options, each.segment, each.language, said.low, said.high
            )


def _draft(poll: Poll, questions: tuple[DraftQuestion, ...]) -> DraftPoll:
    plan = poll.plan
    return DraftPoll(
        kind=plan.kind,
        variants=questions,
        most=plan.most,
        points=len(plan.options) if plan.kind is PollKind.SCALE else None,
        right=plan.right,
        named=plan.named,
        results=plan.results,
        audience=plan.audience,
        for_s=plan.for_s,
    )
