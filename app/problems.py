"""Why a request was not done: RFC 9457 problem details with a stable code.

The catalogue below is all there is; the OpenAPI document is made from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fail: its HTTP status and what it is called."""

    status: int
    title: str


CATALOGUE: Final[Mapping[str, Kind]] = {
    "malformed": Kind(400, "The body cannot be read"),
    "malformed_sdp": Kind(400, "The session description cannot be read"),
    "hls_ahead": Kind(400, "That segment is too far ahead"),
    "not_authenticated": Kind(401, "Nobody is known by these credentials"),
    "wrong_password": Kind(401, "That is not the password"),
    "forbidden": Kind(403, "This is not for your role"),
    "origin": Kind(403, "The request comes from another site"),
    "banned": Kind(403, "You were banned from this session"),
    "segment_closed": Kind(403, "This segment is given, not chosen"),
    "not_found": Kind(404, "There is no such thing"),
    "invite_unknown": Kind(404, "This invite is not known"),
    "method_not_allowed": Kind(405, "The address does not take this method"),
    "codec": Kind(406, "No codec in common"),
    "timeout": Kind(408, "The request took too long to arrive"),
    "too_many": Kind(409, "No more of these can be kept"),
    "slug_taken": Kind(409, "A session of that name exists"),
    "impossible_step": Kind(409, "The session cannot go there from here"),
    "untranslated": Kind(503, "The text could not be translated"),
    "wrong_state": Kind(409, "The session is not in a state for this"),
    "seat_taken": Kind(409, "Someone else is publishing on this seat"),
    "not_publishing": Kind(409, "Nobody is publishing yet"),
    "hls_unavailable": Kind(409, "There is no HLS of this"),
    "resync": Kind(409, "These events are no longer kept"),
    "name_taken": Kind(409, "This name is too close to one of the team's"),
    "stale": Kind(409, "It has changed in the meantime"),
    "invite_expired": Kind(410, "This invite has expired"),
    "invite_revoked": Kind(410, "This invite was revoked"),
    "invite_used_up": Kind(410, "This invite has been used up"),
    "gone": Kind(410, "It was kept for a while, and is gone"),
    "link_used": Kind(410, "This link has been used or is too old"),
    "etag_mismatch": Kind(412, "The leg has moved on"),
    "too_large": Kind(413, "The body is too large"),
    "media_type": Kind(415, "The body is of another type"),
    "handed_off": Kind(422, "The server that has picture and sound does not offer this"),
    "invalid": Kind(422, "A value does not fit"),
    "too_long": Kind(422, "The text is too long"),
    "empty": Kind(422, "The text is empty"),
    "control_characters": Kind(422, "The text holds control characters"),
    "name_required": Kind(422, "A name is needed first"),
    "contrast": Kind(422, "The colour cannot be seen well enough"),
    "etag_required": Kind(428, "The leg's ETag is needed"),
    "rate_limited": Kind(429, "Too many requests"),
    "internal": Kind(500, "Something broke on our side"),
    "overloaded": Kind(503, "The server is too busy"),
    "full": Kind(503, "No more viewers fit"),
    "engine_down": Kind(503, "Picture and sound are being restarted"),
    "disk_full": Kind(507, "The disk is nearly full"),
    "quota_full": Kind(507, "Recordings hold as much as they may"),
    "unavailable": Kind(503, "The database does not answer"),
}


class Problem(Exception):
    """Ends a request; the application answers with it. ``detail`` is a sentence for a person."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = CATALOGUE[code].status
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_after_s)))
            self.more["retry_after_s"] = round(retry_after_s, 1)
        if self.status == 401:
            self.headers.setdefault("WWW-Authenticate", 'Bearer realm="causerie"')

    def response(self) -> Response:
        """The answer that tells it."""
        body = {
            "type": f"urn:causerie:problem:{self.code}",
            "title": CATALOGUE[self.code].title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        return Response(
            msgspec.json.encode(body),
            status_code=self.status,
            media_type="application/problem+json",
            headers=self.headers | {"Cache-Control": "no-store"},
        )
