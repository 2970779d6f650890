"""Finds what should not stand in public: e-mail addresses, phone numbers, payment cards, IBANs.

Shapes are found by patterns without backtracking, and then checked by what only the real thing
fulfils: a known top-level domain, a number that is in use in a country, the check digits of cards
(ISO/IEC 7812) and of accounts (ISO 13616). So order numbers, prices, dates and versions stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import phonenumbers

from moderation.policy.characters import is_invisible
from moderation.policy.links import endings

LONGEST: Final = 2000
MOST: Final = 20
"""So many are found in one text; a text with more is held for those."""

PersonalKind = Literal["email", "phone", "card", "iban"]

# Where the at is only said, so is the dot: "see you at example.com" tells no address of anyone.
_AT: Final = r"(?:@|\s?[(\[{<]\s?(?:at|a|arobase|arroba|@)\s?[)\]}>]\s?)"
_SAID_AT: Final = r"\s(?:at|arobase|arroba|chiocciola)\s"
_SAID_DOT: Final = r"\s(?:dot|point|punto|punkt|ponto|punt)\s"
_DOT: Final = (
    r"(?:\.|\s?[(\[{<]\s?(?:dot|point|punto|punkt|ponto|punt|\.)\s?[)\]}>]\s?"
    rf"|{_SAID_DOT})"
)
_EMAIL: Final = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}"
    rf"(?:{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,6}}|{_SAID_AT}(?:[\w-]{{1,63}}{_SAID_DOT}){{1,6}})"
    r"(?P<ending>[^\W\d_]{2,24})\b",
    re.IGNORECASE,
)
_MAY_BE_EMAIL: Final = re.compile(rf"[@([{{<]|{_SAID_DOT}", re.IGNORECASE)
"""Something that every address has: its at, or where that is only said, its dot."""
_MARK_OR_DOT: Final = re.compile(r"[@([{<]|[dp][ou][tin]")
"""Something that has to be there for ``_MAY_BE_EMAIL``, in plain small letters: quickly told."""
_DIGIT: Final = re.compile(r"\d")
_LEAST_DIGITS: Final = 7
_LEAST_IBAN_DIGITS: Final = 2
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_CARD: Final = re.compile(r"(?<![\w#+.,-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])")
_NUMBER: Final = re.compile(
    r"(?<![\w#.,@/+-])(?:\+\s?)?\(?\d(?:[\s().\-/·]{0,3}\d){6,16}(?![\w@]|[.,/-]\d)"
)
_DATE: Final = re.compile(r"\d{4}([-/.])\d\d\1\d\d|\d\d?([-/.])\d\d?\2(?:\d\d){1,2}(?!\d|\2)")
_AMOUNT: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d+\.\d+")
_OF_AN_ORDER: Final = re.compile(
    r"(?:#|n[°ºo]\.?|commande|colis|suivi|facture|r[ée]f(?:[ée]rence)?|ticket|order|tracking|invoice"
    r"|serial|iban|[a-z]{2}\d\d|pedido|ordine|bestell\w*|encomenda|bestelling)\s?(?:n[°ºo]\.?|est|is|es|:|#|num\w*)?\s*$",
    re.IGNORECASE,
)
_LEAST_NATIONAL: Final = 8
_REGIONS: Final[dict[str, tuple[str, ...]]] = {
    "ar": ("MA", "DZ", "TN", "EG", "SA", "AE"),
    "de": ("DE", "AT", "CH"),
    "en": ("GB", "US", "IE", "AU"),
    "es": ("ES", "MX", "AR", "CO"),
    "fr": ("FR", "BE", "CH", "LU"),
    "it": ("IT", "CH"),
    "ja": ("JP",),
    "nl": ("NL", "BE"),
    "pt": ("BR", "PT"),
}
_IBAN_LENGTH: Final = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE BI", 18: "DK FI FO GL NL SD", 19: "MK SI",
        20: "AT BA EE KZ LT LU XK", 21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL", 24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BF CF CG CM DJ FR GR IT KM MC MG MR SM",
        28: "AL AZ BJ BY CI CY DO GT GW HN HU LB MA ML MZ NE NI PL SN TD TG SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Personal:
    """What it is, and where: ``text[start:end]``."""

    kind: PersonalKind
    start: int
    end: int


def find_personal(text: str, languages: Sequence[str]) -> list[Personal]:
    """What is personal in a text, in order, without overlaps. ``languages`` are BCP 47 tags: they
    say in which countries a number without a country code is looked up.
    """
    text = text[:LONGEST]
    plain, places = _plain(text)
    taken: list[Personal] = []
    for kind, start, end in _candidates(plain, languages):
        found = Personal(kind, places[start], places[end - 1] + 1)
        if all(found.end <= each.start or each.end <= found.start for each in taken):
            taken.append(found)
        if len(taken) == MOST:
            break
    return sorted(taken, key=lambda each: each.start)


def mask(text: str, found: Sequence[Personal]) -> str:
    """The text with a dot in place of each letter and digit of what was found."""
    covered = list(text)
    for each in found:
        for at in range(each.start, each.end):
            covered[at] = "•" if covered[at].isalnum() else covered[at]
    return "".join(covered)


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text with plain digits and letters and nothing invisible, and where each came from."""
    if text.isascii():
        return text, range(len(text))
    kept: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        if character.isascii():
            kept.append(character)
        elif is_invisible(character) or unicodedata.combining(character):
            continue
        else:
            simple = unicodedata.normalize("NFKC", character)
            kept.append(simple if len(simple) == 1 else character)
        places.append(at)
    return "".join(kept), places


def _candidates(text: str, languages: Sequence[str]) -> Iterator[tuple[PersonalKind, int, int]]:
    if _may_be_email(text):
        for match in _EMAIL.finditer(text):
            if match["ending"].lower() in endings():
                yield "email", match.start(), match.end()
    digits = len(_DIGIT.findall(text))
    if digits < _LEAST_IBAN_DIGITS:
        return
    for match in _IBAN.finditer(text):
        if (length := _iban_length(match[0])) is not None:
            yield "iban", match.start(), match.start() + length
    if digits < _LEAST_DIGITS:
        return
    for match in _CARD.finditer(text):
        if _is_card(match[0]):
            yield "card", match.start(), match.end()
    for match in _NUMBER.finditer(text):
        if _is_phone(
            match[0], _regions(languages), before=text[max(0, match.start() - 24) : match.start()]
        ):
            yield "phone", match.start(), match.end()


def _may_be_email(text: str) -> bool:
    if text.isascii() and _MARK_OR_DOT.search(text.lower()) is None:
        return False
    return _MAY_BE_EMAIL.search(text) is not None


def _iban_length(shape: str) -> int | None:
    """How much of a shape is an account's number, blanks counted; None if nothing is."""
    wanted = _IBAN_LENGTH.get(shape[:2].upper())
    places = [at for at, each in enumerate(shape) if each.isalnum()]
    if wanted is None or len(places) < wanted:
        return None
    account = "".join(shape[at] for at in places[:wanted]).upper()
    rest = int("".join(str(int(each, 36)) for each in account[4:] + account[:4])) % 97
    return places[wanted - 1] + 1 if rest == 1 else None


def _is_card(shape: str) -> bool:
    digits = [int(each) for each in shape if each.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_phone(shape: str, regions: Sequence[str], *, before: str) -> bool:
    if _OF_AN_ORDER.search(before) or _DATE.match(shape) or _AMOUNT.fullmatch(shape):
        return False
    compact = re.sub(r"\D", "", shape)
    if not 7 <= len(compact) <= 15:
        return False
    if shape.startswith("+") or compact.startswith("00"):
        return _in_use("+" + shape.lstrip("+0 "), None)
    if len(compact) < _LEAST_NATIONAL:
        return False
    # A row of digits without a leading zero and without grouping is a number of anything.
    if compact[0] != "0" and compact == shape:
        return False
    return any(_in_use(shape, region) for region in regions)


def _in_use(shape: str, region: str | None) -> bool:
    try:
        number = phonenumbers.parse(shape, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def _regions(languages: Sequence[str]) -> list[str]:
    """Where these languages are spoken, and the tags' own regions first."""
    tags = [tag.split("-") for tag in languages]
    own = [part for parts in tags for part in parts[1:] if len(part) == 2 and part.isupper()]
    spoken = [region for parts in tags for region in _REGIONS.get(parts[0].lower(), ())]
    return list(dict.fromkeys([*own, *spoken]))
