"""What a single character may be read as: the facts under ``normalise`` and ``disguise``.

``plain_letter`` is strict: the data of UTS 39. ``glyphs`` is generous: everything that a reader can
be made to see, for whoever compares with a word in hand.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from confusable_homoglyphs.confusables import confusables_data

# Letters that readers take for Latin and that the Unicode data relates to each other, not to Latin.
_PLAIN: Final = {
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    "ĸ": "k",
    "κ": "k",
}
# What stands for letters: digits by their shape, signs by theirs, currencies and emoji by the
# letter drawn in them. The first reading is the usual one; no letter of two entries is lost.
_SIGNS: Final = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "il", "|": "il", "¡": "i", "+": "t", "†": "t", "‡": "t",
    "€": "ec", "£": "l", "¢": "c", "¥": "y", "§": "s", "(": "c", "<": "c", "{": "c", "[": "c",
    "©": "c", "®": "r", "°": "o", "¤": "o", "×": "x", "₳": "a", "฿": "b", "₵": "c", "₣": "f",
    "₲": "g", "₭": "k", "₥": "m", "₦": "n", "₱": "p", "₴": "s", "₮": "t", "₩": "w", "💲": "s",
    "⭕": "o", "🔴": "o", "❌": "x", "❎": "x", "❗": "i", "✝": "t", "➕": "t",
    "ℹ": "i", "Ⓜ": "m", "™": "t", "☪": "c", "🌕": "o", "⚪": "o", "⚫": "o", "🔵": "o",
}  # fmt: skip
# Letters of other scripts that only resemble: read so only inside a word that mixes scripts.
_FAUX: Final = {
    "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "ζ": "z", "η": "n", "θ": "o", "λ": "al",
    "μ": "u", "ν": "v", "ξ": "e", "π": "n", "σ": "o", "ς": "s", "φ": "o", "χ": "x", "ψ": "y",
    "ω": "w", "б": "b", "в": "b", "г": "r", "д": "da", "з": "e", "и": "nu", "й": "nu", "м": "m",
    "л": "n", "н": "hn", "п": "n", "т": "t", "ц": "u", "ч": "y", "ш": "w", "щ": "w", "ъ": "b",
    "ы": "b", "ь": "b", "э": "e", "ю": "o", "я": "r", "ё": "e", "є": "e", "ї": "i", "ж": "x",
    "卂": "a", "乃": "b", "匚": "c", "ᗪ": "d", "乇": "e", "千": "f", "卄": "h", "丨": "i",
    "ﾌ": "j", "ㄥ": "l", "爪": "m", "几": "n", "ㄖ": "o", "卩": "p", "尺": "r", "丂": "s",
    "ㄒ": "t", "ㄩ": "u", "山": "w", "乂": "x", "ㄚ": "y", "乙": "z",
}  # fmt: skip
# Latin letters that the eye takes for others, whatever their names say.
_LATIN: Final = {
    "l": "li", "I": "il", "v": "vu", "V": "vu", "ɔ": "co", "Ɔ": "co", "ƃ": "gb", "ɟ": "fj",
    "ð": "d", "Ð": "d", "þ": "p", "ʃ": "l", "ʌ": "va", "ɯ": "m", "ʇ": "t",
}  # fmt: skip
_UPSIDE_DOWN_LETTERS: Final = frozenset("ɔƆƃɟʌɯʇʃ")
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
_NAMED: Final = re.compile(
    r"(?:LATIN|REGIONAL INDICATOR SYMBOL|TAG LATIN)\b.*\b(?:LETTER|CAPITAL)"
    r"(?: (?:TURNED|REVERSED|INVERTED|SIDEWAYS|OPEN|CLOSED|SCRIPT|BLACKLETTER|INSULAR|BARRED"
    r"|DOTLESS|LONG|SMALL|CAPITAL|BARRED))* (?P<letter>[A-Z])(?: WITH .+)?$"
)
_UPSIDE_DOWN: Final = re.compile(r"\b(?:TURNED|REVERSED|INVERTED)\b")

Kind = Literal["letter", "sign", "gap", "mark"]


class Glyph(NamedTuple):
    """One thing that a reader sees.

    ``native`` is the character itself, folded; ``latin`` all the Latin letters it may be taken for.
    ``foreign``: a letter of another script; ``faux``: it only resembles. ``turned``: drawn upside
    down or mirrored.
    """

    kind: Kind
    native: str
    latin: str
    foreign: bool = False
    faux: bool = False
    turned: bool = False
    upper: bool = False


def is_invisible(character: str) -> bool:
    """Whether nothing is drawn for it: joiners, direction marks, fillers, tags, selectors."""
    return (
        character in _BLANKS
        or "\ufe00" <= character <= "\ufe0f"
        or unicodedata.category(character) in ("Cf", "Cs", "Co")
    )


@lru_cache(maxsize=8192)
def glyphs(character: str) -> tuple[Glyph, ...]:
    """What a reader sees of one character: nothing for marks and invisible ones, two for ``æ``."""
    if "\U000e0061" <= character <= "\U000e007a":
        return (Glyph("letter", "", chr(ord(character) - 0xE0000)),)
    if is_invisible(character):
        return ()
    if character in _SIGNS:
        return (Glyph("sign", character, _SIGNS[character]),)
    if character.isspace():
        return (Glyph("gap", " ", ""),)
    seen = [
        glyph
        for each in unicodedata.normalize("NFKD", character)
        if not unicodedata.category(each).startswith("M")
        for glyph in _base(each)
    ]
    if len(seen) == 3 and character not in "()" and seen[0].native == "(":
        seen = seen[1:2]  # ⒜ is an a
    return tuple(seen)


def _base(character: str) -> tuple[Glyph, ...]:
    if character in _SIGNS:
        return (Glyph("sign", character, _SIGNS[character]),)
    if character.isspace():
        return (Glyph("gap", " ", ""),)
    if character in _LATIN:
        turned = character in _UPSIDE_DOWN_LETTERS
        lower = character.lower()
        return (Glyph("letter", lower, _LATIN[character], turned=turned, upper=lower != character),)
    if character.isascii():
        lower = character.lower()
        if character.isalpha():
            return (Glyph("letter", lower, lower, upper=lower != character),)
        return (Glyph("mark", character, ""),)
    folded = character.casefold()
    if folded in ("æ", "œ", "ss", "ĳ"):
        pair = {"æ": "ae", "œ": "oe", "ĳ": "ij"}.get(folded, folded)
        return tuple(Glyph("letter", each, each) for each in pair)
    named = _NAMED.search(unicodedata.name(character, ""))
    if named is not None:
        turned = _UPSIDE_DOWN.search(unicodedata.name(character)) is not None
        return (Glyph("letter", folded, named["letter"].lower(), turned=turned),)
    if not character.isalpha():
        return (Glyph("mark", character, ""),)
    strict = plain_letter(character).casefold()
    if strict.isascii() and strict.isalpha():
        return (Glyph("letter", folded, strict + _FAUX.get(folded, ""), foreign=True),)
    return (Glyph("letter", folded, _FAUX.get(folded, ""), foreign=True, faux=True),)


@lru_cache(maxsize=4096)
def plain_letter(character: str) -> str:
    """The ASCII letter, or failing that the character, that Unicode says this one is taken for.

    From the data of UTS 39. A character that stands for several (``m`` for ``rn``) stays.
    """
    for _ in range(3):  # a look-alike of a look-alike: т → ᴛ → t
        if character.isascii():
            return character
        if character in _PLAIN:
            return _PLAIN[character]
        alikes = [each["c"] for each in confusables_data.get(character, []) if len(each["c"]) == 1]
        ascii_first = [each for each in alikes if each.isascii()] or [
            each for each in alikes if each in _PLAIN
        ]
        if not ascii_first:
            return character
        character = ascii_first[0]
    return character
