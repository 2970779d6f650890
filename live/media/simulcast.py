"""Simulcast in descriptions (RFC 8851 to 8853): which layers of a picture a publisher offers.

aiortc's parser passes over these lines, so they are read here.
"""

import re
from typing import Final

RID_URI: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID_URI: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"

LAYERS_LIMIT: Final = 4
"""Layers taken of one picture; browsers send three at most."""

_SENT: Final = re.compile(r"a=simulcast:\s*(?:recv \S+ )?send (\S+)")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")


def offered_rids(text: str) -> list[tuple[str, ...]]:
    """Of each media section of an offer, the RIDs of the layers that it sends at once.

    Of alternatives for a layer, the first; empty for a section without simulcast.
    """
    sections: list[tuple[str, ...]] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("m="):
            sections.append(())
        elif sections and (sent := _SENT.match(stripped)) is not None:
            firsts = [each.split(",")[0].lstrip("~") for each in sent[1].split(";")]
            rids = dict.fromkeys(rid for rid in firsts if _NAME.fullmatch(rid))
            sections[-1] = tuple(rids)[:LAYERS_LIMIT]
    return sections


def simulcast_lines(rids: tuple[str, ...]) -> list[str]:
    """The lines of an answer that take all these layers."""
    if not rids:
        return []
    return [*(f"a=rid:{rid} recv" for rid in rids), f"a=simulcast:recv {';'.join(rids)}"]
