"""Why the media port does not do what was asked."""

from dataclasses import dataclass
from typing import Final, Literal

RefusalCode = Literal[
    "codec",
    "seat_taken",
    "not_publishing",
    "malformed_sdp",
    "full",
    "overloaded",
    "engine_down",
    "not_found",
    "etag_required",
    "etag_mismatch",
    "hls_unavailable",
    "hls_ahead",
    "handed_off",
]

REFUSAL_STATUS: Final[dict[RefusalCode, int]] = {
    "codec": 406,
    "seat_taken": 409,
    "not_publishing": 409,
    "malformed_sdp": 400,
    "full": 503,
    "overloaded": 503,
    "engine_down": 503,
    "not_found": 404,
    "etag_required": 428,
    "etag_mismatch": 412,
    "hls_unavailable": 409,
    "hls_ahead": 400,
    "handed_off": 422,
}
"""The HTTP status that goes with each refusal (RFC 9725, and the public contract)."""


@dataclass(frozen=True, slots=True)
class MediaRefusal:
    """Why not: a stable code, a sentence for a person, and when to ask again (seconds) if that
    helps.
    """

    code: RefusalCode
    message: str
    retry_after_s: int | None = None
    sound_fits: bool = False
    """Of `full`: whether an offer for sound alone would be taken."""
    hls_fits: bool = False
    """Of `full`: whether HLS would do (`live.ports.hls`); the sound is not offered then."""
