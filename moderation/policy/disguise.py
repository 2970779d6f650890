"""Finds words that somebody disguised, by comparing with the word in hand.

A disguise is only a disguise of something. So instead of cleaning a text and hoping that honest
words survive, each piece of the text is asked whether it can be read as a given word: letters of
other alphabets, digits and signs for letters, marks over and between letters, stretched, spelled
out, masked, upside down. What is not one of the words is never touched, in any script.

One pass over the text and a look-up by a coarse key; only what shares a key with a word is compared
letter by letter. Linear in the text, of which the first ``LONGEST`` characters are read. People say
the same words again and again: what was read of one is remembered.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, product
from typing import Final, NamedTuple

from moderation.policy.characters import Glyph, glyphs
from moderation.policy.normalise import strip_marks, visible
from moderation.policy.pieces import (
    LEAST_SPELLED,
    Piece,
    Placed,
    across,
    chunks,
    letters_of,
    only,
    within,
)

LONGEST: Final = 2000
"""Characters of a text that are read; four times what the room lets through."""

_CLASS: Final = str.maketrans("lygqkzv", "iibccsu")
_SOUNDS: Final = frozenset({"ck", "kc", "cq", "qc", "kq", "qk", "sz", "zs", "iy", "yi"})
_REMEMBERED: Final = 2048
_MOST_HARMLESS: Final = 20_000
_LONGEST_REMEMBERED: Final = 24
_BETWEEN_BLANKS: Final = re.compile(r"\S+")
_MOST_AMBIGUOUS: Final = 4
_LEAST_WITH_DIGITS: Final = 4
_LEAST_BY_SOUND: Final = 5
_LEAST_INSIDE: Final = 5
_LEAST_FOREIGN: Final = 4
_LEAST_FAUX: Final = 5
_TOKEN: Final = re.compile(r"[^\s.,;:!?،؛؟。、！？…\"«»()]+")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_OVERRIDE: Final = "\u202e"
# Scripts without blanks between words, and what Arabic writes onto a word's front.
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)
_ARABIC: Final = re.compile(r"[\u0600-\u06ff]")
_ARABIC_FORMS: Final = str.maketrans("أإآٱىةؤئ", "اااايهوي", "\u0640")
_ARABIC_FRONTS: Final = ("", "ال", "يا", "و", "وال", "ب", "ف", "ل")


@dataclass(frozen=True, slots=True)
class Found:
    """A word of the list, and where the text has it: ``text[start:end]``."""

    word: str
    start: int
    end: int


class _Chunk(NamedTuple):
    """What stands between two blanks, as a list of words sees it; places count from the beginning
    of its token. ``letter``: its only one, None where it has several; ``mute``: it has none."""

    blanks: int
    mute: bool
    letter: Placed | None
    seen: Mapping[str, Found]


_NUMBER: Final = (_Chunk(0, mute=False, letter=None, seen={}),)


class Words:
    """Words and phrases to look for, in any script, case and accents left aside.

    A Latin word of four letters or more is found in its plural in ``s`` too.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._singles: set[str] = set()
        self._phrases: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._by_initial: dict[str, list[str]] = defaultdict(list)
        self._native: dict[str, str] = {}
        for word in words:
            self._add(word)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._token)
        self._all_of_other_scripts = not any(map(str.isascii, self._native))
        self._harmless: set[str] = set()
        self._lone: set[str] = set()

    def find(self, text: str) -> Found | None:
        """The first word found in a text, however disguised; None where there is none."""
        return None if self._is_harmless(text) else next(self.all_in(text), None)

    def _is_harmless(self, text: str) -> bool:
        """Whether a text is nothing but tokens of plain characters that are known to hide no word,
        as nearly every line in Latin letters is: then there is nothing to compare it with. Single
        letters hide one only together."""
        if len(text) > LONGEST or not text.isascii() or not self._all_of_other_scripts:
            return False
        alone = 0
        for token in text.split():
            if token in self._harmless or (token.isdecimal() and len(token) > 1):
                continue
            if token not in self._lone and not self._learn(token):
                return False
            alone += token in self._lone
        return alone < LEAST_SPELLED

    def _learn(self, token: str) -> bool:
        """Read a token once and for all; False where it has to be looked at in its line: it hides a
        word, or the first of a phrase."""
        if len(token) > _LONGEST_REMEMBERED:
            return False
        read, _ = self._remembered(token)
        seen = [word for chunk in read for word in chunk.seen]
        if any(word in self._singles or word in self._phrases for word in seen):
            return False
        if sum(chunk.letter is not None for chunk in read) > 1:
            return False
        if len(self._harmless) + len(self._lone) >= _MOST_HARMLESS:
            self._harmless.clear()
            self._lone.clear()
        alone = any(chunk.letter is not None for chunk in read)
        (self._lone if alone else self._harmless).add(token)
        return True

    def all_in(self, text: str) -> Iterator[Found]:
        """Every word found, in no particular order."""
        text = _bounded(text)
        yield from self._all_native(text)
        if not self._by_key:
            return
        apart: list[tuple[int, Placed | None]] = []
        alone = 0
        begun: list[tuple[tuple[str, ...], int, int]] = []
        for blanks, start, chunk in self._chunks(text):
            if chunk.letter is not None:
                apart.append((blanks, _moved(chunk.letter, start)))
                alone += 1
            elif not chunk.mute:
                apart.append((blanks, None))
            if not chunk.seen:  # as nearly all are
                begun = []
                continue
            seen = {
                word: Found(word, start + each.start, start + each.end)
                for word, each in chunk.seen.items()
            }
            yield from (each for word, each in seen.items() if word in self._singles)
            going: list[tuple[tuple[str, ...], int, int]] = []
            for phrase, told, begin in begun:
                if (each := seen.get(phrase[told])) is not None:
                    going.append((phrase, told + 1, begin))
                    if told + 1 == len(phrase):
                        yield Found(" ".join(phrase), begin, each.end)
            begun = [each for each in going if each[1] < len(each[0])]
            for word, each in seen.items():
                begun += [(phrase, 1, each.start) for phrase in self._phrases.get(word, ())]
        for piece in across(apart) if alone >= LEAST_SPELLED else ():
            yield from (each for each in self._read(piece) if each.word in self._singles)
        if _OVERRIDE in text:
            yield from self._turned(text)

    def _chunks(self, text: str) -> Iterator[tuple[int, int, _Chunk]]:
        """What stands between blanks: how many are before it, where its token begins."""
        blanks = end = 0
        for token in _BETWEEN_BLANKS.finditer(text):
            blanks += token.start() - end
            end = token.end()
            short = len(token[0]) <= _LONGEST_REMEMBERED
            read, after = (self._remembered if short else self._token)(token[0])
            for chunk in read:
                yield blanks + chunk.blanks, token.start(), chunk
                blanks = 0
            blanks += after

    def _token(self, token: str) -> tuple[tuple[_Chunk, ...], int]:
        """The chunks of what has no plain blank in it; some characters bring one of their own."""
        if len(token) > 1 and token.isascii() and token.isdecimal():
            return _NUMBER, 0  # which is no disguise of anything
        found, after = chunks(token)
        read = []
        for blanks, chunk in found:
            said = letters_of(chunk)
            seen = {each.word: each for piece in within(chunk) for each in self._read(piece)}
            read.append(_Chunk(blanks, not said, only(said), seen))
        return tuple(read), after

    def _turned(self, text: str) -> Iterator[Found]:
        """What stands behind an override is shown from right to left."""
        start = text.index(_OVERRIDE)
        shown = text[start + 1 :].partition("\u202c")[0][::-1].replace(_OVERRIDE, "")
        yield from (Found(each.word, start, len(text)) for each in self.all_in(shown))

    def _add(self, word: str) -> None:
        letters = [_latin(part) for part in word.split()]
        if not all(letters):
            self._native[" ".join(map(_native, word.split()))] = word
            return
        if len(letters) > 1:
            self._phrases[letters[0]].append(tuple(letters))
        else:
            self._singles.add(letters[0])
        for part in letters:
            key = _key(part)
            if part not in self._by_key[key]:
                self._by_key[key].append(part)
                self._by_initial[part[0]].append(part)

    def _read(self, piece: Piece) -> Iterator[Found]:
        """The words that a piece may be read as."""
        seen = piece.glyphs
        if piece.masked:
            for latin in seen[0].latin:
                for word in self._by_initial.get(latin, ()):
                    if len(word) >= piece.least and _unmasks(seen, word):
                        yield Found(word, piece.start, piece.end)
            return
        if not all(glyph.latin for glyph in seen):
            return
        for key in _keys(seen):
            plural = self._by_key.get(key[:-1], ()) if key.endswith("s") else ()
            for word in (*self._by_key.get(key, ()), *plural):
                if len(word) >= piece.least and _reads_as(seen, word):
                    yield Found(word, piece.start, piece.end)
        if piece.spelled:
            yield from self._inside(piece)

    def _inside(self, piece: Piece) -> Iterator[Found]:
        """Words in a row of letters that nothing separates."""
        row = "".join(glyph.latin[0] for glyph in piece.glyphs).translate(_CLASS)
        for word in self._singles:
            if len(word) < _LEAST_INSIDE:
                continue
            at = row.find(word.translate(_CLASS))
            if at >= 0 and _reads_as(piece.glyphs[at : at + len(word)], word):
                yield Found(word, piece.start, piece.end)

    def _all_native(self, text: str) -> Iterator[Found]:
        """Words of other scripts, compared as they are written."""
        if not self._native:
            return
        tokens = list(_TOKEN.finditer(text))
        line = f" {' '.join(_native(token[0]) for token in tokens)} "
        for native, word in self._native.items():
            if " " in native and f" {native} " in line:
                yield Found(word, tokens[0].start(), tokens[-1].end())
        for token in tokens:
            said = _native(token[0])
            for front in _ARABIC_FRONTS if _ARABIC.search(said) else ("",):
                watched = self._native.get(said[len(front) :]) if said.startswith(front) else None
                if watched is not None:
                    yield Found(watched, token.start(), token.end())
            if _UNSPACED.search(said):
                for native, word in self._native.items():
                    if native in said and _UNSPACED.search(native):
                        yield Found(word, token.start(), token.end())
        apart = ((blanks, letters_of(chunk)) for blanks, chunk in chunks(text)[0])
        for piece in across((blanks, only(letters)) for blanks, letters in apart if letters):
            said = _native("".join(glyph.native for glyph in piece.glyphs))
            if (watched := self._native.get(said)) is not None:
                yield Found(watched, piece.start, piece.end)


@lru_cache(maxsize=256)
def _one(word: str) -> Words:
    return Words([word])


def find(word: str, text: str) -> Found | None:
    """Where a text has a word, however disguised."""
    return _one(word).find(text)


def _moved(placed: Placed, by: int) -> Placed:
    return Placed(placed.glyph, placed.at + by)


def _bounded(text: str) -> str:
    """The first characters, as many as are seen as ``LONGEST``: some are ligatures of eighteen."""
    text = text[:LONGEST]
    left = LONGEST
    for at, character in enumerate("" if text.isascii() else text):
        left -= max(1, len(glyphs(character)))
        if left < 0:
            return text[:at]
    return text


def _latin(word: str) -> str:
    """The word in plain Latin letters; empty where it is not Latin."""
    seen = [glyph for character in word for glyph in glyphs(character)]
    if not seen or any(glyph.kind != "letter" or glyph.foreign for glyph in seen):
        return ""
    return "".join(glyph.latin[0] for glyph in seen)


def _native(word: str) -> str:
    plain = strip_marks(visible(unicodedata.normalize("NFKC", word))).casefold()
    if _ARABIC.search(plain):
        plain = "".join(each for each in plain if not unicodedata.combining(each))
        plain = plain.translate(_ARABIC_FORMS)
    return _STRETCHED.sub(r"\1", plain)


def _key(letters: str) -> str:
    """The same for all that may be read alike: one letter for each class and run."""
    return "".join(each for each, _ in groupby(letters.translate(_CLASS)))


def _keys(seen: Sequence[Glyph]) -> Iterator[str]:
    """The keys of all readings, as far as they are few."""
    left = _MOST_AMBIGUOUS
    choices: list[str] = []
    for glyph in seen:
        classes = "".join(dict.fromkeys(glyph.latin.translate(_CLASS)))
        if len(classes) > 1 and left == 0:
            classes = classes[0]
        left -= len(classes) > 1
        choices.append(classes)
    return iter({_key("".join(each)) for each in product(*choices)})


def _reads_as(seen: Sequence[Glyph], word: str) -> bool:
    """Whether glyphs, some of them repeated, can be read as a word or its plural."""
    if not _is_fair(seen, word):
        return False
    runs = [(glyph, len(list(group))) for glyph, group in _runs(seen)]
    doubled = all(count % 2 == 0 for _, count in runs)
    return _aligns(runs, word) or (
        doubled and _aligns([(glyph, count // 2) for glyph, count in runs], word)
    )


def _runs(seen: Sequence[Glyph]) -> Iterator[tuple[Glyph, Iterator[Glyph]]]:
    for _, group in groupby(seen, key=lambda glyph: glyph.latin):
        same = list(group)
        yield same[0], iter(same)


def _is_fair(seen: Sequence[Glyph], word: str) -> bool:
    """Whether what was written leaves a doubt at all: numbers are numbers, a word of another script
    is that word unless all of it looks Latin.
    """
    letters = [glyph for glyph in seen if glyph.kind == "letter"]
    digits = any(glyph.native.isdigit() for glyph in seen)
    if digits and (len(word) < _LEAST_WITH_DIGITS or not letters):
        return False
    foreign = [glyph for glyph in letters if glyph.foreign]
    if foreign and len(foreign) == len(letters):
        scripts = {unicodedata.name(glyph.native[0], "").partition(" ")[0] for glyph in foreign}
        alike = len(scripts) > 1 or not any(glyph.faux for glyph in foreign)
        return len(word) >= (_LEAST_FOREIGN if alike else _LEAST_FAUX)
    return True


def _aligns(runs: Sequence[tuple[Glyph, int]], word: str) -> bool:
    """A run stands for as many letters of the word as it has, or for one or two if it is stretched.
    One run may only sound alike.
    """
    ends = {len(word)}
    if len(word) >= 4:
        word, ends = word + "s", {len(word), len(word) + 1}
    by_ear = len(word) >= _LEAST_BY_SOUND
    at = {(0, False)}
    for index, (glyph, count) in enumerate(runs):
        last = index == len(runs) - 1 and len(word) > _LEAST_BY_SOUND
        lengths = {1, 2} if count > 2 or (last and count == 2) else {count}
        at = {
            (start + length, heard or not seen)
            for start, heard in at
            for length in lengths
            if start + length <= len(word)
            for seen in (all(each in glyph.latin for each in word[start : start + length]),)
            if seen or (by_ear and not heard and _sounds(glyph, word[start : start + length]))
        }
    return any(end in ends for end, _ in at)


def _sounds(glyph: Glyph, letters: str) -> bool:
    return all(glyph.latin[0] + each in _SOUNDS or each == glyph.latin[0] for each in letters)


def _unmasks(seen: Sequence[Glyph], word: str) -> bool:
    """Whether a word shows through its mask: its first letter and half of all are there."""
    at = {(0, 0)}
    for hidden, group in groupby(seen, key=_is_hidden):
        part = list(group)
        if hidden:
            most = max(2, len(part))
            at = {(start + length, known) for start, known in at for length in range(1, most + 1)}
            continue
        at = {
            (start + len(part), known + len(part))
            for start, known in at
            if start + len(part) <= len(word)
            and all(
                each in glyph.latin
                for glyph, each in zip(part, word[start : start + len(part)], strict=True)
            )
        }
    return any(end == len(word) and 2 * known >= len(word) for end, known in at)


def _is_hidden(glyph: Glyph) -> bool:
    return glyph.kind == "mark" or (glyph.kind == "sign" and not glyph.native.isdigit())
