"""Cues as a test wants them."""

from __future__ import annotations

from live.domain.cue import ActKind, CueAct, CueRule, Evidence
from live.domain.cue_commands import RaiseCue
from live.domain.ids import QuestionId
from live.room.surface import AnyRoom
from tests.support.rooms import NOW


def a_cue(
    rule: CueRule = CueRule.CONFUSION,
    segment: str | None = "prospect",
    question: QuestionId | None = None,
) -> RaiseCue:
    """Somebody has noticed this."""
    return RaiseCue(
        rule=rule,
        segment=segment,
        language=None,
        since=NOW,
        evidence=Evidence("began_confused", 12, 60, 10, 900_000_000, 1, 300, 0.1, 1e-9),
        act=None if question is None else CueAct(ActKind.PICK, question),
    )


async def raised(room: AnyRoom, command: RaiseCue | None = None) -> str:
    """The id of a cue that is open now."""
    await room.act(command or a_cue())
    return room.state.cues[-1].id
