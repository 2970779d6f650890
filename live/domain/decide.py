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
    commands,
    corresponding,
    counting,
    cue_commands,
    cueing,
    erasing,
    marking,
    merging,
    moderating,
    noting,
    part,
    pinning,
    planning,
    poll_commands,
    polling,
    posting,
    profile,
    promising,
    proposing,
    reacting,
    replying,
    running,
    sanctioning,
    saving,
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
    commands.PostMessage: posting.post,
    commands.WithdrawMessage: posting.withdraw_message,
    commands.AskQuestion: asking.ask,
    commands.VoteQuestion: voting.vote,
    commands.WithdrawQuestion: asking.withdraw_question,
    commands.AddReaction: reacting.react,
    commands.SetProfile: profile.set_profile,
    commands.FileReport: talking.report,
    commands.MutePerson: talking.mute,
    commands.SendLetter: corresponding.send_letter,
    commands.ConsentToAnswer: corresponding.consent,
    poll_commands.AnswerPoll: balloting.answer,
    **calling.FOR_ALL,
}
FOR_STAFF: Mapping[type, _Handler] = {
    commands.EditMessage: posting.edit_message,
    commands.EditQuestion: asking.edit_question,
    commands.MergeQuestions: proposing.merge,
    commands.SplitQuestion: merging.split,
    commands.Decide: moderating.decide_on,
    commands.DecideMany: sweeping.decide_many,
    commands.UndoDecision: sweeping.undo_one_or_all,
    commands.DefineLabel: marking.define_label,
    commands.RemoveLabel: marking.remove_label,
    commands.SetLabels: marking.set_labels,
    commands.Assign: marking.assign,
    commands.WriteReply: replying.write_reply,
    commands.TakeReplyBack: replying.take_reply_back,
    commands.PromiseAnswer: promising.promise,
    commands.LetGo: promising.let_go,
    commands.ClaimSubject: claiming.claim,
    commands.ReleaseSubject: claiming.release,
    commands.SetSanction: sanctioning.sanction,
    commands.SetMode: running.set_mode,
    commands.SetShield: shielding.set_shield,
    commands.SetPin: pinning.set_pin,
    commands.ClearPin: pinning.clear_pin,
    commands.SetScreen: showing.set_screen,
    commands.ClearScreen: showing.clear_screen,
    SetSlate: slating.set_slate,
    commands.SayToStaff: talking.say,
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
    commands.TurnIntoQuestion: turning.turn_into_question,
    commands.SettleProposal: proposing.settle,
    commands.PlacePerson: profile.place_person,
    commands.SetListening: tuning.set_listening,
    commands.AddNote: noting.add_note,
    commands.RemoveNote: noting.remove_note,
    commands.AnswerPrivately: corresponding.answer_privately,
    commands.SettleAppeal: appealing.settle_appeal,
    commands.SettleReport: talking.settle_report,
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
    commands.ChangeState: running.change_state,
    commands.SessionDetails: running.change_details,
    commands.SetStage: running.set_stage,
    SeatGuest: calling.seat_guest,
    SetRecording: running.set_recording,
    commands.ChangeParticipant: profile.change_participant,
    commands.Sanctioned: sanctioning.carry,
    commands.EraseParticipant: erasing.erase,
    commands.ProposeMerge: proposing.propose,
    cue_commands.RaiseCue: cueing.raise_cue,
    cue_commands.LetCuePass: cueing.let_pass,
    cue_commands.CountCrowd: counting.count_crowd,
    cue_commands.NoteStep: counting.note_step,
    commands.Lapse: running.lapse,
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
    if isinstance(command, commands.FileAppeal):
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
