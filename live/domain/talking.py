"""Staff talk among themselves; viewers report to staff, and mute others for themselves."""

from __future__ import annotations

from dataclasses import replace

from live.domain.events import Recorded
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.people_commands import MutePerson
from live.domain.people_events import PersonMuted, ReportFiled, ReportSettled
from live.domain.sanction_commands import FileReport, SettleReport
from live.domain.session_commands import SayToStaff
from live.domain.session_events import StaffSaid
from live.domain.staff import Report, StaffSay
from live.domain.state import REPORTS_KEPT, SAYS_KEPT, RoomState
from live.domain.text import clean_text
from live.domain.writing import new_content

MUTES_MOST = 200


def say(
    state: RoomState, actor: Participant, command: SayToStaff, context: Context
) -> Decided | Refusal:
    text = clean_text(command.text, context.limits.text)
    if isinstance(text, Refusal):
        return text
    content, commitment = new_content(state, actor, text, context)
    say_id = context.entropy.new_id()
    said = StaffSaid(say_id, actor.id, content.id, commitment, command.to_host)
    return Decided((said,), Result(say_id=say_id), contents=(content,))


def report(
    state: RoomState, actor: Participant, command: FileReport, context: Context
) -> Decided | Refusal:
    """One report a person and subject: a second one changes nothing."""
    if not state.is_public(command.subject):
        return Refusal("not_found", f"There is no such {command.subject.kind}.")
    for filed in state.reports:
        if filed.by == actor.id and filed.subject == command.subject:
            return Decided(result=Result(report_id=filed.id, subject=command.subject))
    text = clean_text(command.reason, context.limits.text)
    if isinstance(text, Refusal):
        return text
    content, commitment = new_content(state, actor, text, context)
    report_id = context.entropy.new_id()
    event = ReportFiled(report_id, command.subject, actor.id, content.id, commitment)
    result = Result(report_id=report_id, subject=command.subject)
    return Decided((event,), result, contents=(content,))


def settle_report(
    state: RoomState, actor: Participant, command: SettleReport, _: Context
) -> Decided | Refusal:
    """Whoever of the team comes first; it can be thought over."""
    filed = next((each for each in state.reports if each.id == command.report_id), None)
    if filed is None:
        return Refusal("not_found", "There is no such report.")
    result = Result(report_id=filed.id)
    if filed.acted == command.acted:
        return Decided(result=result)
    return Decided((ReportSettled(filed.id, command.acted, actor.id),), result)


def mute(
    state: RoomState, actor: Participant, command: MutePerson, _: Context
) -> Decided | Refusal:
    target_id = command.participant_id
    if target_id == actor.id:
        return Refusal("invalid", "One cannot mute oneself.")
    if target_id not in state.participants:
        return Refusal("not_found", "There is no such participant.")
    muted = state.mutes.get(actor.id) or frozenset()
    result = Result(participant_id=target_id)
    if (target_id in muted) == command.on:
        return Decided(result=result)
    if command.on and len(muted) >= MUTES_MOST:
        return Refusal("overloaded", f"{MUTES_MOST} muted people is the most.")
    return Decided((PersonMuted(actor.id, target_id, on=command.on),), result)


def fold_said(state: RoomState, recorded: Recorded, event: StaffSaid) -> None:
    line = StaffSay(event.say_id, event.author_id, event.content_id, recorded.at, event.to_host)
    state.staff_says = (*state.staff_says, line)[-SAYS_KEPT:]


def fold_report(state: RoomState, recorded: Recorded, event: ReportFiled) -> None:
    filed = Report(event.report_id, event.subject, event.by, event.content_id, recorded.at)
    state.reports = (*state.reports, filed)[-REPORTS_KEPT:]


def fold_report_settled(state: RoomState, recorded: Recorded, event: ReportSettled) -> None:
    state.reports = tuple(
        replace(each, acted=event.acted) if each.id == event.report_id else each
        for each in state.reports
    )


def fold_mute(state: RoomState, recorded: Recorded, event: PersonMuted) -> None:
    muted = state.mutes.get(event.by) or frozenset()
    state.mutes[event.by] = (
        muted | {event.participant_id} if event.on else muted - {event.participant_id}
    )
