"""What is asked about the whole session, from the words of the wire into the domain's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET, UnsetType

from live.domain import session_commands as domain
from live.domain.dial import Level
from live.domain.listening import Desk, Route
from live.domain.mode import Review
from live.domain.stage import SetSlate
from live.gateway.given import Translators, given, subject_of
from live.wire import session_commands as wire


def _rules(asked: wire.SetMode) -> domain.SetMode:
    return domain.SetMode(
        review=None if asked.review is UNSET else Review(asked.review),
        slow_s=given(asked.slow_s),
        members_only=given(asked.members_only),
        emoji_only=given(asked.emoji_only),
        links=given(asked.links),
        long_form=given(asked.long_form),
        questions_only=given(asked.questions_only),
        hold_newcomers=given(asked.hold_newcomers),
    )


def _lists(
    said: Mapping[str, Sequence[str]] | UnsetType,
) -> Mapping[str, tuple[str, ...]] | None:
    return None if said is UNSET else {key: tuple(entries) for key, entries in said.items()}


COMMANDS: Translators = {
    wire.AddReaction: lambda c: domain.AddReaction(domain.ReactionKind(c.kind), c.count),
    wire.SetMode: _rules,
    wire.SetShield: lambda c: domain.SetShield(
        c.on, given(c.reason), None if c.rules is UNSET else _rules(c.rules)
    ),
    wire.SetPin: lambda c: domain.SetPin(
        given(c.text), None if c.subject is UNSET else subject_of(c.subject)
    ),
    wire.ClearPin: lambda c: domain.ClearPin(given(c.pin_id)),
    wire.SetScreen: lambda c: domain.SetScreen(subject_of(c.subject)),
    wire.ClearScreen: lambda _: domain.ClearScreen(),
    wire.SetSlate: lambda c: SetSlate(c.on),
    wire.SayToStaff: lambda c: domain.SayToStaff(c.text, to_host=c.to == "host"),
    wire.SetListening: lambda c: domain.SetListening(
        levels=None if c.dial is UNSET else {name: Level(level) for name, level in c.dial.items()},
        mask_personal_data=given(c.mask_personal_data),
        watched=_lists(c.watched),
        prototypes=_lists(c.prototypes),
        topics=_lists(c.topics),
        routes=None
        if c.routes is UNSET
        else tuple(
            Route(Desk(each.desk), each.segment, tuple(each.words), tuple(each.topics))
            for each in c.routes
        ),
    ),
}
