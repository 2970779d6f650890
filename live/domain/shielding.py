"""The panic shield: a chosen set of stricter rules in one act, and the way back in another."""

from __future__ import annotations

from dataclasses import fields, replace

from live.domain.content import Content
from live.domain.mode import Mode, Rules, Shield
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.running import changed_rules, mode_events
from live.domain.session_commands import SetMode, SetShield
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.writing import new_content

USUAL_SLOW_S = 10.0
_RULES = tuple(field.name for field in fields(Rules))


def set_shield(
    state: RoomState, actor: Participant, command: SetShield, context: Context
) -> Decided | Refusal:
    """Raising one that is up changes its reason at most; lowering one that is down, nothing."""
    shield = state.mode.shield
    if not command.on:
        return Decided(() if shield is None else mode_events(state, lowered(state.mode, shield)))
    reason = _reason(state, actor, command.reason, context)
    if isinstance(reason, Refusal):
        return reason
    if shield is not None:
        if reason is None:
            return Decided()
        shield = replace(shield, reason_id=reason[0].id, commitment=reason[1])
        mode = replace(state.mode, shield=shield)
        return Decided(mode_events(state, mode), contents=(reason[0],))
    former = rules_of(state.mode)
    raised = changed_rules(former, command.rules or _usual(former), context)
    if isinstance(raised, Refusal):
        return raised
    shield = Shield(
        by=actor.id,
        since=context.now,
        former=former,
        raised=raised,
        reason_id=reason[0].id if reason else None,
        commitment=reason[1] if reason else None,
    )
    mode = mode_of(raised, shield)
    return Decided(mode_events(state, mode), contents=(reason[0],) if reason else ())


def lowered(mode: Mode, shield: Shield) -> Mode:
    """What stood before the shield, except for what was changed while it was up: that stays."""
    back = {
        name: getattr(shield.former, name)
        for name in _RULES
        if getattr(mode, name) == getattr(shield.raised, name)
    }
    return replace(mode, shield=None, **back)


def rules_of(mode: Mode) -> Rules:
    """A mode without its shield."""
    return Rules(**{name: getattr(mode, name) for name in _RULES})


def mode_of(rules: Rules, shield: Shield | None) -> Mode:
    """These rules under this shield."""
    return Mode(**{name: getattr(rules, name) for name in _RULES}, shield=shield)


def _usual(former: Rules) -> SetMode:
    return SetMode(slow_s=max(former.slow_s, USUAL_SLOW_S), links=False, hold_newcomers=True)


def _reason(
    state: RoomState, actor: Participant, reason: str | None, context: Context
) -> tuple[Content, str] | Refusal | None:
    if reason is None or not reason.strip():
        return None
    text = clean_text(reason, context.limits.text)
    return text if isinstance(text, Refusal) else new_content(state, actor, text, context)
