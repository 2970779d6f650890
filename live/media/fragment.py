"""Reading a PATCH body: `application/trickle-ice-sdpfrag` (RFC 8840), and the `If-Match` that
goes with it.
"""

import re
from dataclasses import dataclass
from typing import Final

from live.ports.media import SDP_LIMIT_BYTES, SDP_LINES_LIMIT
from live.ports.media_refusals import MediaRefusal

_CREDENTIAL: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_LINE: Final = re.compile(r"[amotvsc]=.*")
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a fragment says of its sender's ICE: credentials if it repeats or renews them.

    Its candidates are not kept: a lite agent learns addresses from checks.
    """

    ufrag: str | None


def read_fragment(text: str) -> Fragment | MediaRefusal:
    """Understand a fragment; refused as `malformed_sdp` if a line is not SDP or credentials are
    broken.
    """
    if len(text.encode()) > SDP_LIMIT_BYTES:
        return _malformed(f"The fragment is longer than {SDP_LIMIT_BYTES} bytes.")
    lines = text.splitlines()
    if len(lines) > SDP_LINES_LIMIT:
        return _malformed(f"The fragment has more than {SDP_LINES_LIMIT} lines.")
    found: dict[str, set[str]] = {"ice-ufrag": set(), "ice-pwd": set()}
    for line in lines:
        if not line.strip():
            continue
        if not _LINE.fullmatch(line):
            return _malformed("The fragment has a line that is not SDP.")
        name, colon, value = line[2:].partition(":")
        if line.startswith("a=") and colon and name in found:
            if not _CREDENTIAL.fullmatch(value.strip()):
                return _malformed("The fragment has malformed ICE credentials.")
            found[name].add(value.strip())
    ufrags, passwords = found["ice-ufrag"], found["ice-pwd"]
    if len(ufrags) != len(passwords) or len(ufrags) > 1:
        return _malformed("A fragment has one ICE user fragment with one password, or neither.")
    return Fragment(ufrag=next(iter(ufrags), None))


def matches(if_match: str | None, etag: str) -> MediaRefusal | None:
    """None if the request is for the leg as it is now (RFC 9110 section 13.1.1), else the
    refusal.
    """
    if if_match is None or not if_match.strip():
        return MediaRefusal("etag_required", "Say in If-Match which ETag this change is for.")
    if if_match.strip() == "*" or etag in _TAG.findall(if_match):
        return None
    return MediaRefusal("etag_mismatch", "ICE has begun anew since; use the latest ETag.")


def _malformed(message: str) -> MediaRefusal:
    return MediaRefusal("malformed_sdp", message)
