"""What may be asked of a room: commands of people, under the names they have on the wire, and acts
of the server itself. ``None`` stands for a field that was not given."""

from __future__ import annotations

from live.domain.announcement_commands import AnnouncementCommand
from live.domain.call import CallCommand, SeatGuest
from live.domain.cue_commands import CueCommand, CueServerAct
from live.domain.decision_commands import DecisionCommand
from live.domain.message_commands import MessageCommand
from live.domain.paper_commands import PaperCommand
from live.domain.part import RunshowCommand
from live.domain.people_commands import PeopleAct, PeopleCommand
from live.domain.poll_commands import PollCommand
from live.domain.question_commands import ProposeMerge, QuestionCommand
from live.domain.recording import SetRecording
from live.domain.sanction_commands import SanctionCommand, Sanctioned
from live.domain.session_commands import SessionAct, SessionCommand
from live.domain.stage import SetSlate

PersonCommand = (
    MessageCommand
    | QuestionCommand
    | DecisionCommand
    | SanctionCommand
    | PaperCommand
    | PeopleCommand
    | SessionCommand
    | SetSlate
    | AnnouncementCommand
    | RunshowCommand
    | PollCommand
    | CueCommand
    | CallCommand
)
ServerAct = (
    SessionAct | PeopleAct | Sanctioned | ProposeMerge | CueServerAct | SeatGuest | SetRecording
)
Command = PersonCommand | ServerAct
