"""The run of show as text that people write, and as a table that a spreadsheet copies; both ways.

``docs/run-of-show.md`` tells the forms. Reading is lenient in what cannot be mistaken and says the
line of anything else.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from live.domain.part import PartDraft
from live.domain.text import clean_language

MOST_ROWS: Final = 200
_MINUTES: Final = r"(\d{1,3})\s*(?:min(?:utes?)?\.?|['’m])?"
_AFTER: Final = re.compile(rf"^(.*?)\s*[(\[]\s*{_MINUTES}\s*[)\]]$")
_BEFORE: Final = re.compile(rf"^{_MINUTES}[\s:–-]+(\S.*)$")
_FIELD: Final = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,34})\s*:\s*(.*)$")
_YES: Final = frozenset({"", "yes", "y", "true", "1", "oui", "x"})
_NO: Final = frozenset({"no", "n", "false", "0", "non"})
_COLUMNS: Final = ("minutes", "goal", "segments", "public", "script")
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would run, or what was made harmless by an apostrophe."""


class UnreadableError(Exception):
    """What was given is no run of show; ``str()`` is one sentence with the line."""


@dataclass(slots=True)
class _Draft:
    """A part while it is read."""

    titles: dict[str, str]
    minutes: int | None = None
    goal: str = ""
    segments: tuple[str, ...] = ()
    public: bool = True
    script: list[str] = field(default_factory=list)

    def made(self) -> PartDraft:
        return PartDraft(
            titles=self.titles,
            minutes=self.minutes,
            goal=self.goal,
            segments=self.segments,
            script="\n".join(self.script).strip(),
            public=self.public,
        )


def read_parts(text: str, languages: Sequence[str]) -> tuple[PartDraft, ...]:
    """The parts in either form; titles without a language are in the first of ``languages``.
    Raises ``UnreadableError``."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    delimiter = _delimiter(first)
    if delimiter is not None:
        return tuple(_rows(text, delimiter, languages[0]))
    if any(line.startswith("#") for line in lines):
        return tuple(draft.made() for draft in _sections(lines, languages))
    return tuple(_listed(line, languages[0]).made() for line in lines if line.strip())


def as_text(parts: Iterable[PartDraft], default: str) -> str:
    """What ``read_parts`` reads back."""
    return "\n".join(line for part in parts for line in _section(part, default))


def as_csv(parts: Iterable[PartDraft], languages: Sequence[str]) -> str:
    """One row a part; a cell that a spreadsheet would run as a formula begins with an apostrophe,
    which is taken off when it is read."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*(f"title:{each}" for each in languages), *_COLUMNS])
    for part in parts:
        cells = [
            *(part.titles.get(each, "") for each in languages),
            "" if part.minutes is None else str(part.minutes),
            part.goal,
            ", ".join(part.segments),
            "yes" if part.public else "no",
            part.script,
        ]
        writer.writerow(_harmless(cell) for cell in cells)
    return out.getvalue()


# --- text


def _section(part: PartDraft, default: str) -> Iterator[str]:
    minutes = "" if part.minutes is None else f" ({part.minutes} min)"
    yield f"# {part.titles.get(default, '')}{minutes}"
    yield from (f"{tag}: {title}" for tag, title in part.titles.items() if tag != default)
    if part.goal:
        yield f"goal: {part.goal}"
    if part.segments:
        yield f"for: {', '.join(part.segments)}"
    if not part.public:
        yield "hidden"
    yield ""
    # A line of the script that looks like a part of its own is set in by a blank.
    yield from (f" {line}" if line.startswith("#") else line for line in part.script.split("\n"))
    yield ""


def _sections(lines: Sequence[str], languages: Sequence[str]) -> Iterator[_Draft]:
    draft: _Draft | None = None
    heading = True
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            if draft is not None:
                yield draft
            draft, heading = _listed(line.lstrip("#"), languages[0]), True
        elif draft is None:
            if line.strip():
                raise UnreadableError(f"Line {number}: a part begins with “#”.")
        elif heading and line.strip():
            _take(draft, line.strip(), languages, number)
        elif heading:
            heading = False
        else:
            draft.script.append(line.rstrip())
    if draft is not None:
        yield draft


def _take(draft: _Draft, line: str, languages: Sequence[str], number: int) -> None:
    """One line under a title."""
    if line.lower() == "hidden":
        draft.public = False
        return
    found = _FIELD.match(line)
    if found is None:
        raise UnreadableError(f"Line {number}: an empty line comes before what the host reads.")
    name, value = found[1].lower(), found[2].strip()
    language = clean_language(found[1])
    if name == "goal":
        draft.goal = value
    elif name == "for":
        draft.segments = _names(value)
    elif language in languages:
        draft.titles[str(language)] = value
    else:
        raise UnreadableError(f"Line {number}: “{found[1]}” is not known here.")


def _listed(line: str, language: str) -> _Draft:
    """A title with its minutes, if it has any."""
    line = line.strip().lstrip("-*•").strip()
    after, before = _AFTER.match(line), _BEFORE.match(line)
    if after is not None:
        return _Draft({language: after[1]} if after[1] else {}, int(after[2]))
    if before is not None:
        return _Draft({language: before[2]}, int(before[1]))
    return _Draft({language: line} if line else {})


# --- tables


def _delimiter(header: str) -> str | None:
    """What parts the columns, if this is a row of their names."""
    for delimiter in ("\t", ";", ","):
        names = [name.strip().strip('"').lower() for name in header.split(delimiter)]
        if len(names) > 1 and any(name.partition(":")[0] == "title" for name in names):
            return delimiter
    return "," if header.strip().strip('"').lower() in ("title", "title:") else None


def _rows(text: str, delimiter: str, language: str) -> Iterator[PartDraft]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    names: list[str] | None = None
    for count, row in enumerate(reader):
        if count > MOST_ROWS:
            raise UnreadableError(f"A table has {MOST_ROWS} rows at most.")
        if not any(cell.strip() for cell in row):
            continue
        if names is None:
            names = _named(row, language)
            continue
        cells = dict(zip(names, (_plain(cell) for cell in row), strict=False))
        yield _row(cells, reader.line_num)


def _named(row: Sequence[str], language: str) -> list[str]:
    names = [cell.strip().lower() for cell in row]
    for at, name in enumerate(names):
        head, _, tag = name.partition(":")
        if head == "title":
            names[at] = f"title:{clean_language(tag.strip()) or language}"
        elif name not in _COLUMNS:
            raise UnreadableError(f"Line 1: there is no column “{row[at].strip()}”.")
    return names


def _row(cells: dict[str, str], line: int) -> PartDraft:
    titles = {name[6:]: text for name, text in cells.items() if name.startswith("title:") and text}
    minutes, public = cells.get("minutes", ""), cells.get("public", "").lower()
    if minutes and not minutes.isdecimal():
        raise UnreadableError(f"Line {line}: “{minutes}” is no number of minutes.")
    if public not in _YES | _NO:
        raise UnreadableError(f"Line {line}: “{public}” is neither yes nor no.")
    return PartDraft(
        titles=titles,
        minutes=int(minutes) if minutes else None,
        goal=cells.get("goal", ""),
        segments=_names(cells.get("segments", "")),
        script=cells.get("script", ""),
        public=public not in _NO,
    )


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for each in re.split(r"[,;|]", text) if (name := each.strip().lower()))
