"""What comes of a command, by whoever gives it: facts, or a refusal. Pure: state is only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from live.domain import (
    announcement_commands,
    announcing,
    appealing,
    asking,
    balloting,
    calling,
    claiming,
    corresponding,
    counting,
    cue_commands,
    cueing,
    decision_commands,
    erasing,
    marking,
    merging,
    message_commands,
    moderating,
    noting,
    paper_commands,
    part,
    people_commands,
    pinning,
    planning,
    poll_commands,
    polling,
    posting,
    profile,
    promising,
    proposing,
    question_commands,
    reacting,
    replying,
    running,
    sanction_commands,
    sanctioning,
    saving,
    session_commands,
    shielding,
    showing,
    slating,
    sweeping,
    talking,
    tuning,
    turning,
    voting,
)
from live.domain.call import SeatGuest
from live.domain.commands import Command
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.recording import SetRecording
from live.domain.sanction import SanctionKind
from live.domain.session import SessionState
from live.domain.stage import SetSlate
from live.domain.state import RoomState

# Each handler takes the command of its own key; the types of the tables cannot say so.
_Handler = Callable[[RoomState, Participant, Any, Context], Decided | Refusal]
_ActHandler = Callable[[RoomState, Participant | None, Any, Context], Decided | Refusal]

_FOR_ALL: Mapping[type, _Handler] = {
    message_commands.PostMessage: posting.post,
    message_commands.WithdrawMessage: posting.withdraw_message,
    question_commands.AskQuestion: asking.ask,
    question_commands.VoteQuestion: voting.vote,
    question_commands.WithdrawQuestion: asking.withdraw_question,
    session_commands.AddReaction: reacting.react,
    people_commands.SetProfile: profile.set_profile,
    sanction_commands.FileReport: talking.report,
    people_commands.MutePerson: talking.mute,
    paper_commands.SendLetter: corresponding.send_letter,
    paper_commands.ConsentToAnswer: corresponding.consent,
    poll_commands.AnswerPoll: balloting.answer,
    **calling.FOR_ALL,
}
FOR_STAFF: Mapping[type, _Handler] = {
    message_commands.EditMessage: posting.edit_message,
    question_commands.EditQuestion: asking.edit_question,
    question_commands.MergeQuestions: proposing.merge,
    question_commands.SplitQuestion: merging.split,
    decision_commands.Decide: moderating.decide_on,
    decision_commands.DecideMany: sweeping.decide_many,
    decision_commands.UndoDecision: sweeping.undo_one_or_all,
    decision_commands.DefineLabel: marking.define_label,
    decision_commands.RemoveLabel: marking.remove_label,
    decision_commands.SetLabels: marking.set_labels,
    decision_commands.Assign: marking.assign,
    decision_commands.WriteReply: replying.write_reply,
    decision_commands.TakeReplyBack: replying.take_reply_back,
    question_commands.PromiseAnswer: promising.promise,
    question_commands.LetGo: promising.let_go,
    decision_commands.ClaimSubject: claiming.claim,
    decision_commands.ReleaseSubject: claiming.release,
    sanction_commands.SetSanction: sanctioning.sanction,
    session_commands.SetMode: running.set_mode,
    session_commands.SetShield: shielding.set_shield,
    session_commands.SetPin: pinning.set_pin,
    session_commands.ClearPin: pinning.clear_pin,
    session_commands.SetScreen: showing.set_screen,
    session_commands.ClearScreen: showing.clear_screen,
    SetSlate: slating.set_slate,
    session_commands.SayToStaff: talking.say,
    part.AddPart: planning.add,
    part.EditPart: planning.edit,
    part.MovePart: planning.move,
    part.SkipPart: planning.skip,
    part.StretchPart: planning.stretch,
    part.RemovePart: planning.remove,
    part.GoToPart: planning.move_on,
    part.ShowRunshow: planning.show_runshow,
    part.ImportParts: planning.import_parts,
    announcement_commands.SendAnnouncement: announcing.send,
    announcement_commands.SaveAnnouncement: saving.save,
    announcement_commands.ReleaseAnnouncement: saving.release,
    announcement_commands.CorrectAnnouncement: announcing.correct,
    announcement_commands.WithdrawAnnouncement: announcing.withdraw,
    message_commands.TurnIntoQuestion: turning.turn_into_question,
    question_commands.SettleProposal: proposing.settle,
    people_commands.PlacePerson: profile.place_person,
    session_commands.SetListening: tuning.set_listening,
    paper_commands.AddNote: noting.add_note,
    paper_commands.RemoveNote: noting.remove_note,
    paper_commands.AnswerPrivately: corresponding.answer_privately,
    sanction_commands.SettleAppeal: appealing.settle_appeal,
    sanction_commands.SettleReport: talking.settle_report,
    cue_commands.SettleCue: cueing.settle,
    cue_commands.TuneCues: cueing.tune,
    poll_commands.PreparePoll: polling.prepare,
    poll_commands.OpenPoll: polling.open_poll,
    poll_commands.ClosePoll: polling.close,
    poll_commands.RevealPoll: polling.reveal,
    poll_commands.ShowPoll: polling.show,
    poll_commands.WithdrawPoll: polling.withdraw,
    poll_commands.JudgeWord: polling.judge_word,
    **calling.FOR_STAFF,
}
FOR_SERVER: Mapping[type, _ActHandler] = {
    session_commands.ChangeState: running.change_state,
    session_commands.SessionDetails: running.change_details,
    session_commands.SetStage: running.set_stage,
    SeatGuest: calling.seat_guest,
    SetRecording: running.set_recording,
    people_commands.ChangeParticipant: profile.change_participant,
    sanction_commands.Sanctioned: sanctioning.carry,
    people_commands.EraseParticipant: erasing.erase,
    question_commands.ProposeMerge: proposing.propose,
    cue_commands.RaiseCue: cueing.raise_cue,
    cue_commands.LetCuePass: cueing.let_pass,
    cue_commands.CountCrowd: counting.count_crowd,
    cue_commands.NoteStep: counting.note_step,
    session_commands.Lapse: running.lapse,
}


def decide(
    state: RoomState, actor: Participant | None, command: Command, context: Context
) -> Decided | Refusal:
    """What comes of ``command`` in ``state``. ``actor`` is who asks; acts of the server itself may
    have none."""
    act = FOR_SERVER.get(type(command))
    if act is not None:
        return act(state, actor, command, context)
    if actor is None or actor.erased:
        return Refusal("forbidden", "Only a participant of this session may do this.")
    if isinstance(command, sanction_commands.FileAppeal):
        return appealing.appeal(state, actor, command, context)
    handler = _FOR_ALL.get(type(command))
    if handler is None:
        handler = FOR_STAFF[type(command)]
        if not actor.role.is_staff:
            return Refusal("forbidden", "This is for the team.")
    ended = state.session.state is SessionState.ENDED
    if ended and not promising.outlasts_the_end(state, command):
        return Refusal("wrong_state", "The session has ended; it can only be read.")
    if state.sanction_of(actor.id, (SanctionKind.BAN,), context.now):
        return Refusal("forbidden", "You are banned from this session.")
    return handler(state, actor, command, context)
