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
    announcing,
    asking,
    calling,
    claiming,
    cueing,
    events,
    filing,
    marking,
    merging,
    moderating,
    pinning,
    posting,
    profile,
    proposing,
    replying,
    running,
    runshow,
    sanctioning,
    saving,
    showing,
    talking,
    tuning,
    voting,
)
from live.domain.call_events import CallChanged
from live.domain.events import Event, Recorded
from live.domain.outcome import Decided
from live.domain.polling import POLL_FOLDS
from live.domain.reacting import count_reaction
from live.domain.state import RoomState

# Each handler takes the event of its own key; the type of the table cannot say so.
_FOLDS: Mapping[type[Event], Callable[[RoomState, Recorded, Any], None]] = {
    events.MessageHeld: posting.fold_held,
    events.MessagePublished: posting.fold_published,
    events.MessageRefused: posting.fold_refused,
    events.MessageEdited: posting.fold_edited,
    events.MessageRemoved: posting.fold_removed,
    events.QuestionHeld: asking.fold_held,
    events.QuestionPublished: asking.fold_published,
    events.QuestionChanged: asking.fold_changed,
    events.QuestionMerged: merging.fold_merged,
    events.QuestionSplit: merging.fold_split,
    events.BallotCast: voting.fold_ballot,
    events.VoteTallied: voting.fold_tally,
    events.SessionChanged: running.fold_session,
    events.ModeChanged: running.fold_mode,
    events.ParticipantChanged: profile.fold_participant,
    events.SanctionSet: sanctioning.fold_sanction,
    events.StageChanged: running.fold_stage,
    CallChanged: calling.fold_call,
    events.PinChanged: pinning.fold_pins,
    events.AnnouncementSent: announcing.fold_sent,
    events.AnnouncementSaved: saving.fold_saved,
    events.AnnouncementChanged: announcing.fold_changed,
    events.ScreenChanged: showing.fold_screen,
    events.PersonMuted: talking.fold_mute,
    events.DecisionMade: moderating.fold_decision,
    events.LabelsChanged: marking.fold_labels,
    events.SubjectMarked: marking.fold_marks,
    events.SubjectSettled: replying.fold_settled,
    events.ClaimChanged: claiming.fold_claim,
    events.StaffSaid: talking.fold_said,
    events.ReportFiled: talking.fold_report,
    events.ReportSettled: talking.fold_report_settled,
    events.PaperChanged: filing.fold_paper,
    events.ProposalRaised: proposing.fold_raised,
    events.ProposalSettled: proposing.fold_settled,
    events.ListeningChanged: tuning.fold_listening,
    **runshow.FOLDS,
    events.CueRaised: cueing.fold_raised,
    events.CueSettled: cueing.fold_settled,
    events.CuesTuned: cueing.fold_tuned,
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
