"""When two names look the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from moderation.policy.characters import plain_letter
from moderation.policy.normalise import strip_marks

_SAME_STROKE: Final = str.maketrans("i1|!0", "llllo")


def skeleton(name: str) -> str:
    """What remains of a name when everything is folded that a reader may overlook: look-alikes of
    other scripts (after UTS 39), case, accents, blanks, punctuation, invisible characters, and the
    strokes ``i``, ``l``, ``1`` and ``|``. Two names with one skeleton are easily taken for each
    other. A name without any letter is its own skeleton.
    """
    plain = strip_marks(unicodedata.normalize("NFKC", name))
    folded = "".join(plain_letter(character) for character in plain).casefold()
    alike = folded.translate(_SAME_STROKE).replace("rn", "m").replace("vv", "w")
    bare = re.sub(r"[\W_]", "", alike)
    return bare or " ".join(plain.split())
