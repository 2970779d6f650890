"""What a client may ask for: one struct a command, unknown fields refused.

The wire name stands in ``COMMANDS``; the gateway decodes ``data`` into the struct it names.
Sizes of texts are the domain's business (settings); shapes are checked here.
"""

from __future__ import annotations

from live.wire import attention, calls, pulse, runshow
from live.wire.announcing import (
    CorrectAnnouncement,
    ReleaseAnnouncement,
    SaveAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.wire.base import Command
from live.wire.decision_commands import (
    Assign,
    ClaimSubject,
    Decide,
    DecideMany,
    DefineLabel,
    ReleaseSubject,
    RemoveLabel,
    SetLabels,
    TakeReplyBack,
    UndoDecision,
    WriteReply,
)
from live.wire.looking import Look
from live.wire.message_commands import EditMessage, PostMessage, TurnIntoQuestion, WithdrawMessage
from live.wire.paper_commands import (
    AddNote,
    AnswerPrivately,
    ConsentToAnswer,
    RemoveNote,
    SendLetter,
)
from live.wire.people_commands import MutePerson, PlacePerson, SetProfile
from live.wire.poll_commands import POLL_COMMANDS
from live.wire.question_commands import (
    AskQuestion,
    EditQuestion,
    LetGo,
    MergeQuestions,
    PromiseAnswer,
    SettleProposal,
    SplitQuestion,
    VoteQuestion,
    WithdrawQuestion,
)
from live.wire.sanction_commands import (
    FileAppeal,
    FileReport,
    SetSanction,
    SettleAppeal,
    SettleReport,
)
from live.wire.session_commands import (
    AddReaction,
    ClearPin,
    ClearScreen,
    SayToStaff,
    SetListening,
    SetMode,
    SetPin,
    SetScreen,
    SetShield,
    SetSlate,
    SetTyping,
)

COMMANDS: dict[str, type[Command]] = {
    "message.post": PostMessage,
    "message.withdraw": WithdrawMessage,
    "message.edit": EditMessage,
    "question.ask": AskQuestion,
    "question.vote": VoteQuestion,
    "question.withdraw": WithdrawQuestion,
    "question.edit": EditQuestion,
    "question.merge": MergeQuestions,
    "question.split": SplitQuestion,
    "reaction.add": AddReaction,
    "typing.set": SetTyping,
    **attention.COMMANDS,
    "moderation.look": Look,
    "profile.set": SetProfile,
    "report.file": FileReport,
    "person.mute": MutePerson,
    "moderation.decide": Decide,
    "moderation.decide_many": DecideMany,
    "moderation.undo": UndoDecision,
    "moderation.assign": Assign,
    "label.define": DefineLabel,
    "label.remove": RemoveLabel,
    "label.set": SetLabels,
    "reply.write": WriteReply,
    "reply.take_back": TakeReplyBack,
    "question.promise": PromiseAnswer,
    "question.let_go": LetGo,
    "moderation.claim": ClaimSubject,
    "moderation.release": ReleaseSubject,
    "sanction.set": SetSanction,
    "appeal.file": FileAppeal,
    "appeal.settle": SettleAppeal,
    "report.settle": SettleReport,
    "note.add": AddNote,
    "note.remove": RemoveNote,
    "letter.send": SendLetter,
    "question.answer_privately": AnswerPrivately,
    "answer.consent": ConsentToAnswer,
    "mode.set": SetMode,
    "shield.set": SetShield,
    "pin.set": SetPin,
    "pin.clear": ClearPin,
    "announce.send": SendAnnouncement,
    "announce.save": SaveAnnouncement,
    "announce.release": ReleaseAnnouncement,
    "announce.correct": CorrectAnnouncement,
    "announce.withdraw": WithdrawAnnouncement,
    **runshow.COMMANDS,
    "screen.set": SetScreen,
    "screen.clear": ClearScreen,
    "slate.set": SetSlate,
    "staff.say": SayToStaff,
    "message.to_question": TurnIntoQuestion,
    "proposal.settle": SettleProposal,
    "participant.place": PlacePerson,
    "listening.set": SetListening,
    **pulse.COMMANDS,
    **calls.COMMANDS,
    **POLL_COMMANDS,
}
