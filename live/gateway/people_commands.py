"""What is asked about people, from the words of the wire into the domain's."""

from __future__ import annotations

from live.domain import people_commands as domain
from live.domain.ids import ParticipantId
from live.gateway.given import Translators, given
from live.wire import people_commands as wire

COMMANDS: Translators = {
    wire.SetProfile: lambda c: domain.SetProfile(
        language=given(c.language), segment=given(c.segment), display_name=given(c.display_name)
    ),
    wire.MutePerson: lambda c: domain.MutePerson(ParticipantId(c.participant_id), c.on),
    wire.PlacePerson: lambda c: domain.PlacePerson(ParticipantId(c.participant_id), c.segment),
}
