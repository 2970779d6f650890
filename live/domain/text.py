"""What counts as a text, a name, a language: bounds that hold before anyone judges the words."""

from __future__ import annotations

import re
import unicodedata

from live.domain.outcome import Refusal

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_VISIBLE = re.compile(
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# Marks that turn the reading direction, and blanks without width: in a name they only disguise.
_DISGUISE = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

_EMOJI = (
    r"[\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935"
    r"\u2b00-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae\U0001f000-\U0001faff]"
)
_JOINERS = r"[\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]"
_EMOJI_ONLY = re.compile(rf"(?:{_EMOJI}|{_JOINERS}|[0-9#*]\ufe0f?\u20e3|\s)+")

_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|\bwww\.)\S"
    r"|(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|biz|io|co|me|tv|gg|ly|to|app|dev|shop|"
    r"store|xyz|online|site|live|link|club|top|ai|us|uk|eu|fr|de|be|ch|ca|es|it|nl|pt|pl|ru|cn|jp|"
    r"br|in|au|at|se|no|dk|fi|ie)(?=$|[\s/?#:,;!)\]}'\"»]|\.(?:\s|$))",
    re.IGNORECASE,
)


def clean_text(text: str, limit: int) -> str | Refusal:
    """The text in NFC without blanks around it; ``control_characters``, ``empty`` or ``too_long``
    (more than ``limit`` characters) otherwise."""
    text = unicodedata.normalize("NFC", text).strip()
    if _CONTROL.search(text):
        return Refusal("control_characters", "The text holds control characters or line breaks.")
    if not _VISIBLE.search(text):
        return Refusal("empty", "There is nothing to read in this text.")
    if len(text) > limit:
        return Refusal("too_long", f"The text has {len(text)} characters; {limit} is the most.")
    return text


def plain(text: str) -> str:
    """What a search compares: without accents and capital letters."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFD", text)
    return "".join(each for each in bare if not unicodedata.combining(each)).lower()


def clean_name(name: str, limit: int) -> str | Refusal:
    """A name as it may be borne: as ``clean_text``, with single blanks and without disguise."""
    if _DISGUISE.search(name):
        return Refusal("control_characters", "The name holds invisible or direction marks.")
    cleaned = clean_text(name, limit)
    return cleaned if isinstance(cleaned, Refusal) else " ".join(cleaned.split())


def clean_language(tag: str) -> str | None:
    """A BCP 47 tag with its usual case (``fr``, ``pt-BR``, ``zh-Hant``), or None if it is none."""
    if len(tag) > 35 or not _LANGUAGE.fullmatch(tag):
        return None
    first, *rest = tag.split("-")
    cased = (
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower()
        for part in rest
    )
    return "-".join((first.lower(), *cased))


def is_emoji_only(text: str) -> bool:
    """Whether nothing but emoji and blanks is in it."""
    return _EMOJI_ONLY.fullmatch(text) is not None


def has_link(text: str) -> bool:
    """Whether it holds an address that a browser would open. Disguised ones are the gate's work."""
    return _LINK.search(text) is not None
