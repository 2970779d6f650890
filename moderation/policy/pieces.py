"""Cuts a text into the pieces that somebody may want read as one word.

A piece is what stands between blanks, or a part of it, or what was spelled out over several. The
same text gives several overlapping pieces; which of them means anything is for whoever has words to
compare with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from moderation.policy.characters import Glyph, glyphs

_QUIET: Final = frozenset(".,;:!?'’ʼ`´\"«»()/&-–—…")
"""Marks that honest text has inside what looks like one word."""
_SEPARATING_SIGNS: Final = frozenset("|+!°<({[¤×")
"""Signs that also stand between letters, or close a word as punctuation."""
LEAST_SPELLED: Final = 3
"""Letters that stand apart, and are one word."""
_MASKS: Final = frozenset("*#%&_~^?-.×•·♥❤")
_TRAILING_MASKS: Final = frozenset("*#%_•·")
_MOST_MASKED: Final = 30
_LEAST_ACROSS_QUIET: Final = 6
_LEAST_ACROSS_LOUD: Final = 4

# Letters drawn with several signs, or with other letters.
_DRAWINGS: Final = (
    (re.compile(r"\|_\|"), "u"),
    (re.compile(r"/\\/\\|\|\\/\|"), "m"),
    (re.compile(r"\|\\\||/\\/"), "n"),
    (re.compile(r"\\/\\/"), "w"),
    (re.compile(r"/-?\\"), "a"),
    (re.compile(r"\\/"), "v"),
    (re.compile(r"\|<"), "k"),
    (re.compile(r"\|-\|"), "h"),
    (re.compile(r"\|\)"), "d"),
    (re.compile(r"\|3"), "b"),
    (re.compile(r"\(\)|\[\]"), "o"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"vv|uu"), "w"),
    (re.compile(r"rn"), "m"),
)
_MAY_BE_DRAWN: Final = re.compile(r"[|/\\(\[]|ph|vv|uu|rn")
"""What each of these has in it."""

_SAME_UPSIDE_DOWN: Final = dict(zip("pdqbnumw", "dpbqunwm", strict=True))


class Placed(NamedTuple):
    """A glyph, and the index of its character in the text."""

    glyph: Glyph
    at: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Glyphs to be read as one word.

    ``least``: shorter words are not to be seen in it. ``spelled``: letters stood apart, so words
    may follow each other without a blank. ``masked``: marks in it stand for letters.
    """

    glyphs: tuple[Glyph, ...]
    start: int
    end: int
    least: int = 2
    spelled: bool = False
    masked: bool = False


Chunk = Sequence[Placed]


def chunks(text: str) -> tuple[list[tuple[int, list[Placed]]], int]:
    """What stands between blanks, each with the number of blanks before it; and how many follow."""
    found: list[tuple[int, list[Placed]]] = []
    blanks, current = 0, list[Placed]()
    for at, character in enumerate(text):
        for glyph in glyphs(character):
            if glyph.kind != "gap":
                current.append(Placed(glyph, at))
                continue
            if current:
                found.append((blanks, current))
                blanks, current = 0, []
            blanks += 1
    if current:
        found.append((blanks, current))
        blanks = 0
    return found, blanks


def letters_of(chunk: Chunk) -> list[Placed]:
    """What of a chunk is read; the rest are marks."""
    return [placed for placed in chunk if placed.glyph.kind != "mark"]


def only(letters: Sequence[Placed]) -> Placed | None:
    """The letter that stands alone, or None."""
    return letters[0] if len(letters) == 1 else None


def within(chunk: Chunk) -> Iterator[Piece]:
    """The pieces of what stands between two blanks."""
    parts = _split(chunk)
    for part in () if _is_name(chunk, parts) else parts:
        yield _piece(part)
        core = _trimmed(part)
        if core and len(core) < len(part):
            yield _piece(core)
    if len(parts) > 1:
        yield _joined(chunk, parts)
    bare = _split(chunk, also=_SEPARATING_SIGNS)
    if len(bare) > len(parts) and _is_spelled(bare):
        yield _joined(chunk, bare)
    if chunk[0].glyph.native == "#":
        yield from map(_piece, _humps(chunk[1:]))
    if (masked := _masked(chunk)) is not None:
        yield masked
    if any(placed.glyph.turned for placed in chunk):
        yield from (_piece([_stood_up(placed) for placed in reversed(part)]) for part in parts)
    drawn = _drawn(chunk)
    if drawn is not None:
        yield from (_piece(part) for part in _split(drawn))


def across(found: Iterable[tuple[int, Placed | None]]) -> Iterator[Piece]:
    """What was spelled out letter by letter with blanks between. ``found`` is all that has letters:
    the blanks before it, and its letter, or None where it has several."""
    run: list[tuple[int, Placed]] = []
    for blanks, letter in found:
        if letter is not None:
            run.append((blanks, letter))
        elif run:
            yield from _spelled_out(run)
            run = []
        # A mark that stands alone separates letters like a blank.
    yield from _spelled_out(run)


def _spelled_out(run: Sequence[tuple[int, Placed]]) -> Iterator[Piece]:
    """Words apart by more blanks than their letters; all in one where nothing tells them apart."""
    if len(run) < LEAST_SPELLED:
        return
    narrow = min(blanks for blanks, _ in run[1:])
    group = [run[0][1]]
    for blanks, placed in (*run[1:], (narrow + 1, run[0][1])):
        if blanks > narrow:
            if len(group) > 2:
                yield _piece(group, spelled=True)
            group = []
        group.append(placed)


def _piece(part: Chunk, *, least: int = 2, spelled: bool = False, masked: bool = False) -> Piece:
    places = [placed.at for placed in part]
    seen = tuple(placed.glyph for placed in part)
    return Piece(seen, min(places), max(places) + 1, least, spelled, masked)


def _split(chunk: Chunk, *, also: frozenset[str] = frozenset()) -> list[Chunk]:
    parts: list[list[Placed]] = [[]]
    for placed in chunk:
        if placed.glyph.kind == "mark" or placed.glyph.native in also:
            if parts[-1]:
                parts.append([])
        else:
            parts[-1].append(placed)
    return [part for part in parts if part]


def _trimmed(part: Chunk) -> Chunk:
    """Without signs at its ends: ``idiot!`` is not ``idioti``, ``idiot2`` not ``idiotz``."""
    first, last = 0, len(part)
    while first < last and part[first].glyph.kind == "sign":
        first += 1
    while first < last and part[last - 1].glyph.kind == "sign":
        last -= 1
    return part[first:last]


def _joined(chunk: Chunk, parts: Sequence[Chunk]) -> Piece:
    joined = [placed for part in parts for placed in part]
    if _is_spelled(parts):
        return _piece(joined, spelled=True)
    inner = [
        placed.glyph.native
        for placed in chunk
        if placed.glyph.kind == "mark" and joined[0].at < placed.at < joined[-1].at
    ]
    quiet = not _QUIET.isdisjoint(inner)
    return _piece(joined, least=_LEAST_ACROSS_QUIET if quiet else _LEAST_ACROSS_LOUD)


def _is_name(chunk: Chunk, parts: Sequence[Chunk]) -> bool:
    """Several capitalised words with hyphens between them: a place or a person."""
    hyphens = sum(placed.glyph.native == "-" for placed in chunk)
    capitalised = sum(_is_capitalised(part) for part in parts)
    return 0 < hyphens == len(parts) - 1 and capitalised > 1


def _is_capitalised(part: Chunk) -> bool:
    return part[0].glyph.upper and not any(placed.glyph.upper for placed in part[1:])


def _is_spelled(parts: Sequence[Chunk]) -> bool:
    """Mostly single letters: ``i.d.i.o.t``."""
    single = sum(len(part) == 1 for part in parts)
    return len(parts) > 2 and 3 * single >= 2 * len(parts) and all(len(part) < 3 for part in parts)


def _stood_up(placed: Placed) -> Placed:
    """A glyph among others that stand on their heads: a p may be a d that does."""
    other = _SAME_UPSIDE_DOWN.get(placed.glyph.latin, "")
    return Placed(placed.glyph._replace(latin=placed.glyph.latin + other), placed.at)


def _humps(chunk: Chunk) -> list[Chunk]:
    """The words of a hashtag: a capital after a small letter begins one."""
    words: list[list[Placed]] = [[]]
    for placed in chunk:
        if placed.glyph.upper and words[-1] and not words[-1][-1].glyph.upper:
            words.append([])
        words[-1].append(placed)
    return [word for word in words if word]


def _masked(chunk: Chunk) -> Piece | None:
    """Marks in the place of letters: ``id*ot``, ``f**k``, ``conn***``."""
    first, last = 0, len(chunk)
    while first < last and chunk[first].glyph.kind == "mark":
        first += 1
    while first < last and _ends_here(chunk[last - 1].glyph):
        last -= 1
    core = chunk[first:last]
    hidden = [each.glyph for each in core if _hides(each.glyph)]
    if not hidden or len(core) > _MOST_MASKED or not all(map(_may_hide, hidden)):
        return None
    if hidden[0].native == "." and len(hidden) == 1:
        return None  # a full stop without its blank
    return _piece(core, least=_LEAST_ACROSS_LOUD, masked=True)


def _ends_here(glyph: Glyph) -> bool:
    return glyph.native not in _TRAILING_MASKS and (
        glyph.kind == "mark" or glyph.native in _SEPARATING_SIGNS
    )


def _hides(glyph: Glyph) -> bool:
    return glyph.kind == "mark" or (glyph.kind == "sign" and not glyph.native.isdigit())


def _may_hide(glyph: Glyph) -> bool:
    return glyph.kind == "sign" or glyph.native in _MASKS or glyph.native > "\u2000"


def _drawn(chunk: Chunk) -> Chunk | None:
    """With letters for what is drawn of several others; None where nothing is."""
    text = "".join([placed.glyph.native for placed in chunk])
    if _MAY_BE_DRAWN.search(text) is None or len(text) != len(chunk):
        return None
    seen: Chunk = chunk
    for drawing, letter in _DRAWINGS:
        for match in reversed(list(drawing.finditer(text))):
            where = slice(match.start(), match.end())
            placed = Placed(Glyph("letter", letter, letter), seen[match.start()].at)
            seen = [*seen[: where.start], placed, *seen[where.stop :]]
            text = text[: where.start] + letter + text[where.stop :]
    return seen if len(seen) < len(chunk) else None
