"""What opens the TURN server, for those who may watch or publish and for some hours.

The server knows none of these people: the name says until when it holds, and the password is that
name signed with a secret that both servers have (draft-uberti-behave-turn-rest-00; coturn calls it
`use-auth-secret`). Told by `Link` headers of an accepted leg (RFC 9725 section 4.6), so that nobody
gets any who was refused a leg, and everybody gets fresh ones with the next.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.settings.reach import ReachSettings

HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    """A name and a password of the TURN server; both plain ASCII without quotes."""

    username: str
    password: str


def turn_credentials(secret: str, person: str, now: datetime, hours: int) -> TurnCredentials:
    """What opens the server for `person` for `hours` at least, and twice as many at most.

    The same within a window of `hours`: however often someone asks, the server counts them as one
    user (coturn's `user-quota`). The name tells its logs nothing about who it is.
    """
    window_s = hours * HOUR_S
    until_s = (int(now.timestamp()) // window_s + 2) * window_s
    who = hmac.new(secret.encode(), f"who:{person}".encode(), hashlib.sha256).hexdigest()[:20]
    username = f"{until_s}:{who}"
    signed = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return TurnCredentials(username, base64.b64encode(signed).decode())


def turn_links(settings: ReachSettings, person: str, now: datetime) -> tuple[str, ...]:
    """`Link` headers that name the TURN server, one for each of its addresses; none if there is
    no server.
    """
    if settings.turn_secret is None:
        return ()
    made = turn_credentials(settings.turn_secret, person, now, settings.turn_hours)
    return tuple(
        f'<{url.text}>; rel="ice-server"; username="{made.username}";'
        f' credential="{made.password}"; credential-type="password"'
        for url in settings.turn_urls
    )
