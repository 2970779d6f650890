"""The ``data`` of each durable event, by its wire name. Text and names are composed at projection
time from what still exists, so a replay never carries withdrawn words.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from live.wire import calls, pulse, runshow
from live.wire.announcement_shapes import (
    Announcement,
    AnnouncementTombstone,
    SavedAnnouncement,
    SavedTombstone,
)
from live.wire.desk_shapes import (
    Claim,
    Decision,
    Label,
    Listening,
    Marks,
    Paper,
    Proposal,
    Report,
    ReportOutcome,
    Sanction,
    StaffSay,
)
from live.wire.polls import POLL_EVENTS
from live.wire.shapes import (
    Author,
    Message,
    MessageTombstone,
    Mode,
    Participant,
    Pin,
    ProposalOutcome,
    Question,
    QuestionTombstone,
    Session,
    Shape,
    Stage,
    Subject,
)


class SessionChanged(Shape, frozen=True):
    """The show itself changed: its state, title, dates or languages."""

    session: Session


class MessageChanged(Shape, frozen=True):
    """``message.published``, ``.edited``, ``.removed``, ``.held`` and ``.refused``.

    ``place`` is sent with ``message.published`` only when the message had been published before:
    the sequence number of its first publication, where it stands again.
    """

    message: Message | MessageTombstone
    place: int | UnsetType = UNSET


class QuestionChanged(Shape, frozen=True):
    """``question.published``, ``.held``, ``.changed``, ``.split``; ``total`` counts all questions
    ever published, tombstones included, as ``snapshot.questions.total`` does.
    """

    question: Question | QuestionTombstone
    place: int | UnsetType = UNSET
    total: int | UnsetType = UNSET


class QuestionMerged(Shape, frozen=True):
    """``from`` now counts for ``into``; both as they are after the merge."""

    into: Question | QuestionTombstone
    question: Question | QuestionTombstone
    total: int | UnsetType = UNSET


class VoteTallied(Shape, frozen=True):
    """How many people want this answered, at most four times a second, exact at last."""

    question_id: str
    votes: int


class BallotCast(Shape, frozen=True):
    """One's own vote, on all one's own connections and on no other."""

    question_id: str
    up: bool


class ModeChanged(Shape, frozen=True):
    """How the session takes what people write, as it is now."""

    mode: Mode


class ParticipantChanged(Shape, frozen=True):
    """Someone's name or role, as it is now, wherever it shows."""

    participant: Participant


class StageChanged(Shape, frozen=True):
    """Who is publishing, as it is now."""

    stage: Stage


class PinChanged(Shape, frozen=True):
    """All that stands above the chat now."""

    pins: list[Pin]


class AnnouncementChanged(Shape, frozen=True):
    """An announcement as this reader has it from now on, or no longer has it."""

    announcement: Announcement | AnnouncementTombstone


class AnnouncementSaved(Shape, frozen=True):
    """What the team has ready, or no longer has."""

    announcement: SavedAnnouncement | SavedTombstone


class ScreenChanged(Shape, frozen=True):
    """What stands on the screen now, for everyone; null: nothing."""

    screen: Subject | None


class SanctionChanged(Shape, frozen=True):
    """A sanction set, or lifted before its time."""

    sanction: Sanction
    lifted: bool = False


class MuteChanged(Shape, frozen=True):
    """``person.muted``: one's own list, on one's own connections."""

    participant_id: str
    on: bool


class DecisionMade(Shape, frozen=True):
    """One act of moderation, for staff."""

    decision: Decision


class LabelsChanged(Shape, frozen=True):
    """All labels of the session as they stand, for staff."""

    labels: list[Label]


class SubjectMarked(Shape, frozen=True):
    """What a subject bears from now on, for staff. It raises no revision."""

    subject: Subject
    marks: Marks


class ClaimChanged(Shape, frozen=True):
    """A claim taken, or given back (null)."""

    subject: Subject
    claim: Claim | None


class StaffSaid(Shape, frozen=True):
    """A line of the team's own talk."""

    say: StaffSay


class ReportFiled(Shape, frozen=True):
    """A viewer's complaint, for staff."""

    report: Report


class ReportSettled(Shape, frozen=True):
    """What the team made of a complaint, for staff."""

    report_id: str
    outcome: ReportOutcome
    by: Author


class PaperChanged(Shape, frozen=True):
    """Something between the team and one person, new or as it stands now: for staff, and for the
    person unless it is a note."""

    paper: Paper


class ProposalRaised(Shape, frozen=True):
    """Two questions that may be one, for staff."""

    proposal: Proposal


class ProposalSettled(Shape, frozen=True):
    """What became of a proposal, for staff; ``by`` null: the server, as its settings have it."""

    proposal_id: str
    outcome: ProposalOutcome
    by: Author | None


class ListeningChanged(Shape, frozen=True):
    """The team's dials as they stand, for staff; ``by`` is who turned one."""

    listening: Listening
    by: Author | None


EVENTS: dict[str, type[Shape]] = {
    "session.changed": SessionChanged,
    "message.published": MessageChanged,
    "message.held": MessageChanged,
    "message.refused": MessageChanged,
    "message.edited": MessageChanged,
    "message.removed": MessageChanged,
    "question.published": QuestionChanged,
    "question.held": QuestionChanged,
    "question.changed": QuestionChanged,
    "question.merged": QuestionMerged,
    "question.split": QuestionChanged,
    "vote.tallied": VoteTallied,
    "ballot.cast": BallotCast,
    "mode.changed": ModeChanged,
    "participant.changed": ParticipantChanged,
    "sanction.set": SanctionChanged,
    "stage.changed": StageChanged,
    "pin.changed": PinChanged,
    "announcement.sent": AnnouncementChanged,
    "announcement.changed": AnnouncementChanged,
    **runshow.EVENTS,
    "announcement.saved": AnnouncementSaved,
    "screen.changed": ScreenChanged,
    "person.muted": MuteChanged,
    "decision.made": DecisionMade,
    "labels.changed": LabelsChanged,
    "subject.marked": SubjectMarked,
    "claim.changed": ClaimChanged,
    "staff.said": StaffSaid,
    "report.filed": ReportFiled,
    "report.settled": ReportSettled,
    "paper.changed": PaperChanged,
    "proposal.raised": ProposalRaised,
    "proposal.settled": ProposalSettled,
    "listening.changed": ListeningChanged,
    **pulse.EVENTS,
    **calls.EVENTS,
    **POLL_EVENTS,
}
