"""How people go: their invite is taken back, they are banned, or they are forgotten.

What they hold open ends first, within the second; what is written down about them follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.evasion import Evasion
from app.nodes import Nodes, ShowOut
from app.receipts import Receipts
from live.domain.ids import ParticipantId, SessionId
from live.domain.people import DEFAULT_SEGMENT, Role
from live.domain.people_commands import ChangeParticipant, EraseParticipant
from live.gateway.gateway import Gateway
from live.ports.clock import Clock
from live.ports.media import MediaEngine
from live.ports.store import Directory, SessionRecord
from live.room.rooms import Rooms
from live.wire.codes import CloseCode


class Leaving:
    """Ends what someone may do in a session, on every connection they have."""

    def __init__(
        self,
        directory: Directory,
        rooms: Rooms,
        gateway: Gateway,
        media: MediaEngine,
        clock: Clock,
        *,
        nodes: Nodes,
        evasion: Evasion,
        receipts: Receipts,
    ) -> None:
        self._receipts = receipts
        self._evasion = evasion
        self._nodes = nodes
        self._directory = directory
        self._rooms = rooms
        self._gateway = gateway
        self._media = media
        self._clock = clock

    async def show_out(self, session_id: SessionId, participant_id: ParticipantId) -> None:
        """Close the sockets of a participant, for good, and end their picture and sound."""
        self._nodes.order(ShowOut(session_id, participant_id))
        await self.show_out_here(session_id, participant_id)

    async def banned(self, people: Sequence[ParticipantId], *, banned: bool) -> None:
        """Have it known at the door for a day what these came with, or no longer."""
        await self._evasion.mark(people, banned=banned)

    async def show_out_here(self, session_id: SessionId, participant_id: ParticipantId) -> None:
        """As ``show_out``, on this node alone."""
        self._gateway.disconnect(session_id, participant_id, CloseCode.BANNED)
        await self._media.evict(session_id, participant_id)

    async def revoke_invite(self, session: SessionRecord, invite_id: str) -> bool:
        """Take an invite back, and with it what it gave; False if there is none of that id."""
        people = await self._directory.revoke_invite(session.id, invite_id, self._clock.now())
        if people is None:
            return False
        for participant_id in people:
            await self.show_out(session.id, participant_id)
        room = await self._rooms.get(session.id)
        if room is not None:
            for participant_id in people:
                await room.act(_back_to_viewer(participant_id))
        return True

    async def erase(
        self, session: SessionRecord, participant_id: ParticipantId, *, by: ParticipantId
    ) -> bool:
        """Forget a participant, as ``by`` asks: words, name and credentials; False if there is
        none."""
        room = await self._rooms.get(session.id)
        if room is None or participant_id not in room.state.participants:
            return False
        await self._directory.revoke_credentials(participant_id, self._clock.now())
        await self._evasion.forget(participant_id)
        await self._receipts.forget(participant_id)
        await self.show_out(session.id, participant_id)
        await room.act(EraseParticipant(participant_id), by=by)
        return True


def _back_to_viewer(participant_id: ParticipantId) -> ChangeParticipant:
    return ChangeParticipant(
        participant_id=participant_id,
        role=Role.VIEWER,
        segment=DEFAULT_SEGMENT,
        granted_segments=(),
    )
