"""What the gateway asks of whoever knows sessions and credentials."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from live.domain.ids import ParticipantId
from live.room.surface import AnyRoom
from live.wire.codes import CloseCode

Scope = MutableMapping[str, Any]
"""An ASGI connection scope."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who it is. The room knows the participant already."""

    room: AnyRoom
    participant_id: ParticipantId


class Doorman(Protocol):
    """Decides who may open a socket.

    ``is_foreign`` is asked before the upgrade: True where a cookie would speak for a page of
    another origin (HTTP 403 then). ``admit`` is asked after it; the bearer token of the
    ``Authorization`` header, else that of the subprotocol, beats cookies. It returns why not in
    this order: 4404 no such session (nor a private one, to outsiders), 4401 credentials, 4403
    banned or revoked. ``StoreUnavailable`` ends the connection with 1012 (come back), any other
    exception with 1011.
    """

    def is_foreign(self, scope: Scope) -> bool: ...

    async def admit(self, slug: str, scope: Scope) -> Admission | CloseCode: ...
