"""What the models read of a line: one bounded, plain text, and the cues that lie outside its words.

Sentence embeddings know languages and hardly know chat: capitals, disguise and the short forms that
people type cost accuracy, emoji change the vector without saying what they mean. So capitals,
disguise and short forms go before the embedding, and marks and emoji are told to the models as
numbers of their own.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from moderation.ear.types import FloatArray
from moderation.policy.normalise import fold, strip_marks

LONGEST: Final = 200
"""Characters that are read: the encoder takes 4 ms for so many, and 50 ms for a thousand."""

_MARK: Final = re.compile(r"[?？؟¿]")
_RUN: Final = re.compile(r"\w+")
_LAUGHTER: Final = re.compile(r"\b(?:ha|he|ja|je|ah){2,}h?\b|[kｗw]{3,}|\bx?d+\b", re.IGNORECASE)
_GLAD: Final = frozenset(
    "😍🔥👏🎉😂🤩💚💙❤🥰😊🙌💪👍🤣😄😁🥳✨😎💯🎂☀🤤😋👋🥹💜🧡💛😀🙏🤗💖😻👌🏆💐"
)
_CROSS: Final = frozenset("😡😠👎😭😢😞😒🙄😴🤮💩😤🤬😩😫☹💔😾🤢😖😕🖕")

CUES: Final = ("glad_emoji", "cross_emoji", "question_mark", "exclamation_mark", "laughter")

_SHORT_FORMS: Final = {
    "abo": "abonnement",
    "bjr": "bonjour",
    "bsr": "bonsoir",
    "cmt": "comment",
    "dispo": "disponible",
    "dm": "write to us",
    "fdp": "fils de pute",
    "gg": "good game",
    "idk": "i don't know",
    "jsp": "je sais pas",
    "jvais": "je vais",
    "kys": "kill yourself",
    "mdr": "haha",
    "nah": "not",
    "ntm": "nique ta mère",
    "obv": "obviously",
    "pk": "pourquoi",
    "plz": "please",
    "pq": "pourquoi",
    "pr": "pour",
    "ptdr": "haha",
    "qqn": "quelqu'un",
    "rn": "right now",
    "rsrs": "haha",
    "slt": "salut",
    "stfu": "shut the fuck up",
    "svp": "s'il vous plaît",
    "tbh": "to be honest",
    "tg": "ta gueule",
    "tlm": "tout le monde",
    "u": "you",
    "vcs": "vocês",
    "xq": "por qué",
    "ya": "il y a",
}


def readable(text: str) -> str:
    """At most ``LONGEST`` characters, lower case, short forms spelled out; where the text is in
    disguise, what a reader takes it for. Never empty, valid Unicode.
    """
    bounded = text[: 2 * LONGEST]
    if not bounded.isascii():
        bounded = bounded.encode(errors="replace").decode()
    folded = fold(bounded)
    plain = " ".join(bounded.casefold().split())
    if " ".join(strip_marks(plain).split()) != folded:
        plain = folded
    if not _SHORT_FORMS.keys().isdisjoint(_RUN.findall(plain)):
        plain = _RUN.sub(lambda match: _SHORT_FORMS.get(match[0], match[0]), plain)
    return plain[:LONGEST] or "…"


def words(text: str) -> list[str]:
    """The words of a text, without marks around them."""
    return _RUN.findall(text)


def cues(text: str) -> FloatArray:
    """One number, 0 or 1, for each of ``CUES``."""
    shown = text[: 2 * LONGEST]
    has_words = _RUN.search(shown) is not None
    return np.array(
        [
            not _GLAD.isdisjoint(shown),
            not _CROSS.isdisjoint(shown),
            has_words and _MARK.search(shown) is not None,
            "!" in shown or "！" in shown,
            _LAUGHTER.search(shown) is not None,
        ],
        dtype=np.float64,
    )
