"""Ways in which people hide a word, each applied to any word of small Latin letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

Disguise = Callable[[str], str]


def _from(first: int) -> Disguise:
    """An alphabet of Unicode that begins at ``first``."""
    return lambda word: "".join(chr(first + ord(letter) - ord("a")) for letter in word)


def _swapped(letters: str, others: str) -> Disguise:
    table = str.maketrans(letters, others)
    return lambda word: word.translate(table)


def _between(separator: str) -> Disguise:
    return separator.join


def _after_each(marks: str) -> Disguise:
    return lambda word: "".join(letter + marks for letter in word)


def _hidden(index: int, mask: str) -> Disguise:
    return lambda word: word[:index] + mask + word[index + 1 :]


def _upside_down(word: str) -> str:
    table = str.maketrans("abcdefghijklmnopqrstuvwyz", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍʎz")
    return word.translate(table)[::-1]


_SMALL_CAPITALS: Final = _swapped("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
_RAISED: Final = _swapped("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_FLAGS: Final = _from(0x1F1E6)

TECHNIQUES: Final[dict[str, Disguise]] = {
    "full width": _from(0xFF41),
    "full width capitals": _from(0xFF21),
    "bold": _from(0x1D41A),
    "script": _from(0x1D4EA),
    "black letter": _from(0x1D586),
    "double struck": _from(0x1D552),
    "sans serif": _from(0x1D5BA),
    "typewriter": _from(0x1D68A),
    "circled": _from(0x24D0),
    "black circles": _from(0x1F150),
    "squared": _from(0x1F130),
    "black squares": _from(0x1F170),
    "in brackets": _from(0x249C),
    "flag letters": _FLAGS,
    "flag letters apart": lambda word: " ".join(map(_FLAGS, word)),
    "tags": _from(0xE0061),
    "small capitals": _SMALL_CAPITALS,
    "raised": _RAISED,
    "zero-width blank": _between("\u200b"),
    "zero-width joiner": _between("\u200d"),
    "soft hyphen": _between("\u00ad"),
    "grapheme joiner": _between("\u034f"),
    "Hangul filler": _between("\u3164"),
    "selectors": _between("\ufe0f"),
    "piled marks": _after_each("\u0335\u0301\u0323\u0488"),
    "struck through": _after_each("\u0336"),
    "encircled": _after_each("\u20dd"),
    "accents": lambda word: unicodedata.normalize("NFC", _after_each("\u0301")(word)),
    "strokes": _swapped("odlti", "øđłŧɨ"),
    "keycaps": lambda word: word.replace("o", "0\ufe0f\u20e3").replace("i", "1\ufe0f\u20e3"),
    "leet": _swapped("oieas", "01345"),
    "leet with signs": _swapped("oieas", "0!€@$"),
    "leet with more": _swapped("oeastb", "034578"),
    "drawn": lambda word: word.replace("o", "()").replace("u", "|_|"),
    "Cyrillic": _swapped("aeocpxyi", "аеосрхуі"),
    "false Cyrillic": _swapped("nraob", "ияаов"),
    "Greek": _swapped("aeiounkt", "αειουηκτ"),
    "Armenian": _swapped("ouhn", "օսհո"),
    "Cherokee": _swapped("diae", "ᎠᎥᎪᎬ"),
    "Chinese shapes": _swapped("acdefhimnprsto", "卂匚ᗪ乇千卄丨爪几卩尺丂ㄒㄖ"),
    "currencies": _swapped("abcefgknpst", "₳฿₵€₣₲₭₦₱$₮"),
    "dots": _between("."),
    "hyphens": _between("-"),
    "underscores": _between("_"),
    "asterisks": _between("*"),
    "bars": _between("|"),
    "emoji between": _between("🔥"),
    "blanks": _between(" "),
    "wide blanks": _between("   "),
    "unbreakable blanks": _between("\u00a0"),
    "dots and blanks": _between(". "),
    "blanks and leet": lambda word: " ".join(_swapped("oie", "013")(word)),
    "stretched": lambda word: "".join(
        letter * (1 + 3 * (at % 2)) for at, letter in enumerate(word)
    ),
    "a long end": lambda word: word + word[-1] * 6,
    "doubled": lambda word: "".join(letter * 2 for letter in word),
    "one asterisk": _hidden(2, "*"),
    "one hash": _hidden(1, "#"),
    "one emoji": _hidden(2, "🍆"),
    "one underscore": _hidden(2, "_"),
    "a masked end": lambda word: word[:-2] + "**",
    "a masked middle": lambda word: word[:2] + "**" + word[4:] if len(word) > 4 else word,
    "upside down": _upside_down,
    "right to left": lambda word: f"\u202e{word[::-1]}\u202c",
    "hashtag": lambda word: "#QuelGros" + word.title(),
    "capitals by turns": lambda word: "".join(
        letter.upper() if at % 2 else letter for at, letter in enumerate(word)
    ),
    "I for l and l for i": _swapped("i", "l"),
    "v for u": _swapped("u", "v"),
    "punctuation around": lambda word: f"«{word}»!!!",
    "a number after": lambda word: f"{word}123",
}
