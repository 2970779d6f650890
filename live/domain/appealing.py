"""Someone who was sanctioned asks the team to think again, once; the team answers."""

from __future__ import annotations

from dataclasses import replace

from live.domain.content import Content
from live.domain.fact import Event
from live.domain.filing import Sheet, find, settled, write
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.paper import Paper, PaperKind, PaperStatus
from live.domain.people import Participant
from live.domain.sanction import Sanction
from live.domain.sanction_commands import FileAppeal, SettleAppeal
from live.domain.sanctioning import lift
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.writing import new_content


def appeal(
    state: RoomState, actor: Participant, command: FileAppeal, context: Context
) -> Decided | Refusal:
    """Open to the banned too, and after the end."""
    standing = state.sanctions.get((actor.id, command.kind))
    if standing is None or not standing.holds(context.now):
        return Refusal("not_found", "Nothing of the kind stands against you.")
    if appeal_against(state, standing) is not None:
        return Refusal("wrong_state", "You have appealed already; the team will answer.")
    sheet = Sheet(PaperKind.APPEAL, actor.id, PaperStatus.WAITING, about=standing.name)
    return write(state, actor, sheet, command.text, context)


def appeal_against(state: RoomState, sanction: Sanction) -> Paper | None:
    """The appeal that was made against a sanction, whatever became of it."""
    for paper_id in state.papers_with.get(sanction.participant_id) or ():
        paper = state.papers[paper_id]
        if paper.kind is PaperKind.APPEAL and paper.about == sanction.name:
            return paper
    return None


def settle_appeal(
    state: RoomState, actor: Participant, command: SettleAppeal, context: Context
) -> Decided | Refusal:
    """Accepted, it lifts what stands; declined, it needs a sentence for the person."""
    paper = find(state, command.paper_id, PaperKind.APPEAL)
    if isinstance(paper, Refusal):
        return paper
    if paper.status is not PaperStatus.WAITING:
        return Refusal("wrong_state", "A colleague has settled this appeal.")
    reply = _reply(state, actor, command, context)
    if isinstance(reply, Refusal):
        return reply
    status = PaperStatus.ACCEPTED if command.accept else PaperStatus.DECLINED
    event = settled(paper, status, actor.id)
    if reply is not None:
        event = replace(event, reply_id=reply.id, reply_commitment=reply.commitment)
    lifted = _lifted(state, paper, actor) if command.accept else ()
    return Decided(
        (event, *lifted), Result(paper_id=paper.id), contents=() if reply is None else (reply,)
    )


def _reply(
    state: RoomState, actor: Participant, command: SettleAppeal, context: Context
) -> Content | Refusal | None:
    if command.text is None and command.accept:
        return None
    text = clean_text(command.text or "", context.limits.text)
    return text if isinstance(text, Refusal) else new_content(state, actor, text, context)[0]


def _lifted(state: RoomState, paper: Paper, actor: Participant) -> tuple[Event, ...]:
    standing = (
        each for each in state.sanctions.values() if each.participant_id == paper.participant_id
    )
    return tuple(lift(each, actor) for each in standing if each.name == paper.about)
