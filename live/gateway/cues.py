"""What the team sees of cues, and what its commands ask of the room."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from live.domain import cue as domain
from live.domain.cue_commands import SettleCue, TuneCues
from live.domain.cue_events import CueRaised, CueSettled, CuesTuned
from live.domain.pulse import moment_of
from live.gateway.given import Translators, given
from live.gateway.views import View, rfc3339
from live.wire import pulse as wire

CUES = 30
"""So many of the latest are in a snapshot."""

CueEvent = CueRaised | CueSettled | CuesTuned


def cue(view: View, cue: domain.Cue) -> wire.Cue:
    """One of them, for the team."""
    why = cue.evidence
    return wire.Cue(
        id=cue.id,
        rule=cue.rule.value,
        segment=cue.segment,
        language=cue.language,
        since=rfc3339(cue.since),
        at=rfc3339(cue.at),
        evidence=wire.Evidence(
            signal=why.signal,
            count=why.count,
            people=why.people,
            seconds=why.seconds,
            upto=rfc3339(moment_of(why.upto)),
            base_count=why.base_count,
            base_seconds=why.base_seconds,
            expected=why.expected,
            chance=why.chance,
        ),
        act=_act(cue.act),
        outcome=None if cue.outcome is None else cue.outcome.value,
        settled_at=UNSET if cue.settled_at is None else rfc3339(cue.settled_at),
        by=UNSET if cue.by is None else view.author(cue.by),
        did=_act(cue.did) or UNSET,
        until=UNSET if cue.until is None else rfc3339(cue.until),
        topic=UNSET if cue.topic is None else cue.topic,
    )


def cues(view: View) -> list[wire.Cue]:
    """The latest, oldest first."""
    return [cue(view, each) for each in view.state.cues[-CUES:]]


def cueing(view: View) -> wire.Cueing:
    """How the session wants to be cued."""
    now = view.state.cueing
    return wire.Cueing(
        on=now.on,
        sensitivity=now.sensitivity.value,
        off=[each.value for each in now.off],
        calm_s=now.calm_s,
    )


def told(view: View, event: CueEvent) -> wire.CueRaised | wire.CuesTuned | None:
    """What an event tells the team; None of a cue that was forgotten since."""
    if isinstance(event, CuesTuned):
        return wire.CuesTuned(cueing=cueing(view), by=view.author(event.by))
    cue_id = event.cue.id if isinstance(event, CueRaised) else event.cue_id
    known = ack_cue(view, cue_id)
    return None if known is UNSET else wire.CueRaised(cue=known)


def ack_cue(view: View, cue_id: str | None) -> wire.Cue | UnsetType:
    """The cue that a command was about."""
    known = next((each for each in view.state.cues if each.id == cue_id), None)
    return UNSET if known is None or not view.staff else cue(view, known)


def _act(act: domain.CueAct | None) -> wire.CueAct | None:
    return None if act is None else wire.CueAct(kind=act.kind.value, id=act.id)


def _asked(act: wire.CueAct | UnsetType) -> domain.CueAct | None:
    return None if act is UNSET else domain.CueAct(domain.ActKind(act.kind), act.id)


COMMANDS: Translators = {
    wire.SettleCue: lambda c: SettleCue(
        c.cue_id, domain.CueOutcome(c.outcome), _asked(c.did), given(c.for_s)
    ),
    wire.TuneCues: lambda c: TuneCues(
        given(c.on),
        None if c.sensitivity is UNSET else domain.Sensitivity(c.sensitivity),
        None if c.off is UNSET else tuple(domain.CueRule(each) for each in c.off),
        given(c.calm_s),
    ),
}
