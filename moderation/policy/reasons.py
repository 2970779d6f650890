"""Why a line is held, in the words its author and the moderators read."""

from __future__ import annotations

from typing import Final, Literal

from live.domain.message import Reason

Code = Literal["repeat", "flood", "link", "word"]

_SENTENCES: Final[dict[Code, dict[str, str]]] = {
    "repeat": {
        "fr": "Le même texte vient d’être envoyé plusieurs fois par la même personne.",
        "en": "The same person has just sent the same text several times.",
    },
    "flood": {
        "fr": "Plusieurs personnes viennent d’envoyer exactement le même texte.",
        "en": "Several people have just sent exactly the same text.",
    },
    "link": {
        "fr": "Un lien, de quelqu’un qui écrit depuis peu : un modérateur le regarde d’abord.",
        "en": "A link from someone who is new here: a moderator looks at it first.",
    },
    "word": {
        "fr": "Un mot de la liste à surveiller.",
        "en": "A word from the watch list.",
    },
}


def reason(code: Code, language: str, evidence: str | None = None) -> Reason:
    """The reason in the reader's language (a BCP 47 tag): French, or else English."""
    spoken = "fr" if language.partition("-")[0].lower() == "fr" else "en"
    return Reason(code, _SENTENCES[code][spoken], evidence)
