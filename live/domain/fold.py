"""What a fact makes true: the one place where a session's state changes.

Folding the log from its beginning, over the rows that lie beside it (contents, participants'
names, titles), gives the state that the writer had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from live.domain import (
    announcement_events,
    announcing,
    asking,
    calling,
    claiming,
    cue_events,
    cueing,
    decision_events,
    filing,
    marking,
    merging,
    message_events,
    moderating,
    people_events,
    pinning,
    posting,
    profile,
    proposing,
    question_events,
    replying,
    running,
    runshow,
    sanctioning,
    saving,
    session_events,
    showing,
    talking,
    tuning,
    voting,
)
from live.domain.call_events import CallChanged
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.outcome import Decided
from live.domain.polling import POLL_FOLDS
from live.domain.reacting import count_reaction
from live.domain.state import RoomState

# Each handler takes the event of its own key; the type of the table cannot say so.
_FOLDS: Mapping[type[Event], Callable[[RoomState, Recorded, Any], None]] = {
    message_events.MessageHeld: posting.fold_held,
    message_events.MessagePublished: posting.fold_published,
    message_events.MessageRefused: posting.fold_refused,
    message_events.MessageEdited: posting.fold_edited,
    message_events.MessageRemoved: posting.fold_removed,
    question_events.QuestionHeld: asking.fold_held,
    question_events.QuestionPublished: asking.fold_published,
    question_events.QuestionChanged: asking.fold_changed,
    question_events.QuestionMerged: merging.fold_merged,
    question_events.QuestionSplit: merging.fold_split,
    question_events.BallotCast: voting.fold_ballot,
    question_events.VoteTallied: voting.fold_tally,
    session_events.SessionChanged: running.fold_session,
    session_events.ModeChanged: running.fold_mode,
    people_events.ParticipantChanged: profile.fold_participant,
    people_events.SanctionSet: sanctioning.fold_sanction,
    session_events.StageChanged: running.fold_stage,
    CallChanged: calling.fold_call,
    session_events.PinChanged: pinning.fold_pins,
    announcement_events.AnnouncementSent: announcing.fold_sent,
    announcement_events.AnnouncementSaved: saving.fold_saved,
    announcement_events.AnnouncementChanged: announcing.fold_changed,
    session_events.ScreenChanged: showing.fold_screen,
    people_events.PersonMuted: talking.fold_mute,
    decision_events.DecisionMade: moderating.fold_decision,
    decision_events.LabelsChanged: marking.fold_labels,
    decision_events.SubjectMarked: marking.fold_marks,
    decision_events.SubjectSettled: replying.fold_settled,
    decision_events.ClaimChanged: claiming.fold_claim,
    session_events.StaffSaid: talking.fold_said,
    people_events.ReportFiled: talking.fold_report,
    people_events.ReportSettled: talking.fold_report_settled,
    people_events.PaperChanged: filing.fold_paper,
    question_events.ProposalRaised: proposing.fold_raised,
    question_events.ProposalSettled: proposing.fold_settled,
    session_events.ListeningChanged: tuning.fold_listening,
    **runshow.FOLDS,
    cue_events.CueRaised: cueing.fold_raised,
    cue_events.CueSettled: cueing.fold_settled,
    cue_events.CuesTuned: cueing.fold_tuned,
    **POLL_FOLDS,
}


def fold(state: RoomState, recorded: Recorded) -> None:
    """Make a fact true in ``state``, which must stand right before it."""
    if recorded.seq != state.head + 1:
        raise ValueError(f"event {recorded.seq} does not follow {state.head}")
    _FOLDS[type(recorded.event)](state, recorded, recorded.event)
    state.head = recorded.seq


def apply(state: RoomState, decided: Decided, now: datetime) -> list[Recorded]:
    """Number what was decided and make it true, rows beside the log first."""
    for content in decided.contents:
        state.contents[content.id] = content
    if decided.finding is not None:
        state.findings[decided.contents[0].id] = decided.finding
    if decided.participant is not None:
        state.put_participant(decided.participant)
    if decided.session is not None:
        state.session = decided.session
    recorded = []
    for event in decided.events:
        recorded.append(Recorded(state.head + 1, now, event))
        fold(state, recorded[-1])
    for content_id in decided.erase:
        erased = state.contents.get(content_id)
        if erased is not None:
            state.contents[content_id] = replace(erased, text=None, salt=None)
    if decided.reaction is not None:
        count_reaction(state, decided.reaction)
    return recorded
