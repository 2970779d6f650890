"""Invites: 256 random bits in a link; only their hash is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.keys import new_token, token_hash
from live.domain.people import Role
from live.ports.store import InviteRecord, SessionRecord
from live.wire import shapes

if TYPE_CHECKING:
    from app.services import Services


class MadeInvite(shapes.Shape, frozen=True):
    """A new invite; the token and its link are told now and never again."""

    id: str
    token: str
    url: str


async def make_invite(
    services: Services,
    session: SessionRecord,
    role: Role,
    base_url: str,
    *,
    segment: str | None = None,
    expires_at: datetime | None = None,
    uses: int | None = None,
) -> MadeInvite:
    """Write a new invite down and return its link under ``base_url``."""
    token = new_token()
    record = InviteRecord(
        id=services.entropy.new_id(),
        session_id=session.id,
        role=role,
        token_hash=token_hash(token),
        created_at=services.clock.now(),
        segment=segment,
        expires_at=expires_at,
        uses=uses,
    )
    await services.directory.add_invite(record)
    return MadeInvite(id=record.id, token=token, url=f"{base_url}/join/{token}")
