"""Why a line is held, in the words its author and the moderators read."""

from __future__ import annotations

from typing import Final, Literal

from live.domain.message import Reason

Code = Literal[
    "repeat", "flood", "link", "email", "phone", "card", "iban", "word", "filter", "hook"
]

_TO_AUTHOR: Final[dict[Code, dict[str, str]]] = {
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
    "email": {
        "fr": "Une adresse e-mail : tout le monde pourrait la lire, un modérateur la voit d’abord.",
        "en": "An e-mail address: everyone could read it, so a moderator looks first.",
    },
    "phone": {
        "fr": "Un numéro de téléphone : tout le monde pourrait le lire, un modérateur le voit "
        "d’abord.",
        "en": "A phone number: everyone could read it, so a moderator looks first.",
    },
    "card": {
        "fr": "Un numéro de carte : ne l’écrivez jamais en public, un modérateur s’en occupe.",
        "en": "A card number: never write one in public; a moderator takes care of it.",
    },
    "iban": {
        "fr": "Un numéro de compte : ne l’écrivez pas en public, un modérateur s’en occupe.",
        "en": "An account number: do not write one in public; a moderator takes care of it.",
    },
    "word": {
        "fr": "Un mot de la liste à surveiller.",
        "en": "A word from the watch list.",
    },
    "filter": {
        "fr": "Cela ressemble à ce que l’équipe a refusé : un modérateur le lit d’abord.",
        "en": "This resembles messages that the team refused: a moderator reads it first.",
    },
    "hook": {
        "fr": "Le contrôle de cet organisateur demande qu’un modérateur lise ceci d’abord.",
        "en": "The organiser’s own check asks for a moderator to read this first.",
    },
}
_TO_STAFF: Final[dict[Code, dict[str, str]]] = {
    "repeat": {
        "fr": "Même texte, même auteur, plusieurs fois en une minute.",
        "en": "Same text, same author, several times within a minute.",
    },
    "flood": {
        "fr": "Même long texte, plusieurs auteurs, en une minute.",
        "en": "Same long text, several authors, within a minute.",
    },
    "link": {
        "fr": "Lien d’un auteur dont moins de trois messages ont passé.",
        "en": "Link from an author with fewer than three lines passed.",
    },
    "email": {"fr": "Adresse e-mail dans le texte.", "en": "E-mail address in the text."},
    "phone": {"fr": "Numéro de téléphone attribuable.", "en": "Phone number that is in use."},
    "card": {"fr": "Numéro de carte, clé de contrôle juste.", "en": "Card number, check digit ok."},
    "iban": {"fr": "IBAN, clé de contrôle juste.", "en": "IBAN, check digits ok."},
    "word": {
        "fr": "Mot surveillé dans la langue de la ligne, parfois déguisé.",
        "en": "Watched word of the line’s language, perhaps in disguise.",
    },
    "filter": {
        "fr": "Le filtre qui apprend des décisions de l’équipe est assez sûr.",
        "en": "The filter that learns from the team’s decisions is sure enough.",
    },
    "hook": {
        "fr": "Le service externe demande de retenir la ligne.",
        "en": "The external service asks to hold the line.",
    },
}


def reason(code: Code, language: str, evidence: str | None = None) -> Reason:
    """What the author is told, in their language (a BCP 47 tag): French, or else English."""
    return Reason(code, _TO_AUTHOR[code][_spoken(language)], evidence)


def staff_reason(code: Code, language: str, evidence: str | None = None) -> Reason:
    """What the team is told, in French or else English."""
    return Reason(code, _TO_STAFF[code][_spoken(language)], evidence)


def _spoken(language: str) -> str:
    return "fr" if language.partition("-")[0].lower() == "fr" else "en"
