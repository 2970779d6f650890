"""Proves that the audit is what was written: nothing changed, taken out, swapped or cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, select, text, union
from sqlalchemy.exc import SQLAlchemyError

from app.audit.anchor import NotAnAnchor, Restored, heads_of, read_anchor
from app.database import schema
from app.told import ToldError
from live.adapters.sql import tables
from live.adapters.sql.audit import kept
from live.adapters.sql.database import read_engine
from live.adapters.sql.writer import summary
from live.domain.audit import BEGINNING, Kept, linked
from live.domain.content import commitment
from live.room.acting import digest_of_events

AT_ONCE: Final = 500

T = TypeVar("T")


class AuditProblem(ToldError):
    """It could not be looked at; ``str()`` is one sentence."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What is not as it was written; ``n`` is the record, None where it is the chain's end."""

    chain: str
    n: int | None
    says: str

    def __str__(self) -> str:
        place = "its end" if self.n is None else f"record {self.n}"
        return f"{self.chain}: {place}: {self.says}"


@dataclass(slots=True)
class Verified:
    """What was looked at and found. ``anchors`` are the lines that something was compared with,
    ``given_up`` those that a restore made void."""

    chains: int = 0
    records: int = 0
    anchors: int = 0
    given_up: int = 0
    broken: int = 0

    def __str__(self) -> str:
        looked = f"{self.chains} chains, {self.records} records, {self.anchors} anchors"
        if self.given_up:
            looked += f" ({self.given_up} void since a restore)"
        if self.broken:
            return f"{looked}: {self.broken} things are not as they were written."
        if not self.anchors:
            return f"{looked}: whole; without an anchor a cut end cannot be seen."
        return f"{looked}: whole."


_Anchors = Mapping[int, tuple[str, bytes]]
"""What one chain's hash was after a record, and when that was anchored."""


def verify(url: URL, anchor: Path, tell: Callable[[Broken], None]) -> Verified:
    """Look at every chain in one snapshot, also while a server runs, and ``tell`` of what is not as
    it was written. Blocks. Raises ``AuditProblem``."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise AuditProblem(f"There is no database at {url.database}.")
    found = Verified()
    # Read first: what is anchored later than the snapshot is no end that was cut off.
    expected = _expected(anchor, found)
    engine = read_engine(url)
    try:
        with engine.connect() as connection:
            if schema.current_revision(connection) != schema.newest_revision():
                raise AuditProblem("The schema is not up to date; run causerie db upgrade first.")
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            for broken in _all(connection, expected, found):
                found.broken += 1
                tell(broken)
    except SQLAlchemyError as error:
        raise AuditProblem(f"The database cannot be read ({summary(error)}).") from error
    finally:
        engine.dispose()
    return found


def _expected(anchor: Path, found: Verified) -> dict[str, _Anchors]:
    expected: dict[str, dict[int, tuple[str, bytes]]] = {}
    try:
        for line in read_anchor(anchor):
            if not isinstance(line, Restored):
                expected.setdefault(line.chain, {})[line.n] = (line.at, line.hash)
                continue
            for name, chain in expected.items():
                void = [n for n in chain if n > line.heads.get(name, 0)]
                found.given_up += len(void)
                for n in void:
                    del chain[n]
    except NotAnAnchor as error:
        raise AuditProblem(str(error)) from error
    found.anchors = sum(len(chain) for chain in expected.values())
    return {**expected}


def _all(
    connection: Connection, expected: Mapping[str, _Anchors], found: Verified
) -> Iterator[Broken]:
    heads = heads_of(connection)
    slugs = _slugs(connection)
    written = connection.execute(
        union(select(tables.audit.c.chain), select(tables.audit_words.c.chain))
    ).scalars()
    for chain in sorted({*written, *heads, *expected}):
        found.chains += 1
        name = slugs.get(chain, chain)
        said = _chain(connection, chain, expected.get(chain, {}), heads, found)
        yield from (Broken(name, n, says) for n, says in said)


def _slugs(connection: Connection) -> dict[str, str]:
    session = tables.sessions.c
    return {
        row.id: f"session {row.slug}"
        for row in connection.execute(select(session.id, session.slug))
    }


def _chain(
    connection: Connection,
    chain: str,
    expected: _Anchors,
    heads: Mapping[str, tuple[int, bytes]],
    found: Verified,
) -> Iterator[tuple[int | None, str]]:
    """Each fault is told once: after it the chain is followed from what stands."""
    n, previous = 0, BEGINNING
    while page := kept(connection, chain, after=n, limit=AT_ONCE):
        events = _events(connection, chain, page)
        contents = _contents(connection, chain, page)
        for each in page:
            found.records += 1
            link = each.link
            if link.n != n + 1:
                yield n + 1, f"{_span(n + 1, link.n - 1)} missing"
            elif linked(chain, previous, link.n, link.body) != link:
                yield link.n, "it is not what was written, or not in its place"
            anchored = expected.get(link.n)
            if anchored is not None and anchored[1] != link.hash:
                yield link.n, f"it is another one than at {anchored[0]}"
            yield from ((link.n, says) for says in _beside(each, events, contents))
            n, previous = link.n, link.hash
    last = max(expected, default=0)
    if last > n:
        at = expected[last][0]
        yield None, f"{_span(n + 1, last)} cut off; it was there at {at}"
    head = heads.get(chain, (0, BEGINNING))
    if head != (n, previous):
        yield None, f"it should be record {head[0]}"


def _span(first: int, last: int) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"


# --- what a record vouches for


def _body(each: Kept) -> dict[str, Any]:
    try:
        body = json.loads(each.link.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _beside(
    each: Kept, events: Mapping[int, tuple[str, int, bytes]], contents: Mapping[str, str | None]
) -> Iterator[str]:
    """Words, texts and events; what was erased vouches for nothing any more."""
    body = _body(each)
    committed = body.get("words") or {}
    words = {word.name: word for word in each.words}
    for name in sorted({*committed, *words}):
        word = words.get(name)
        if word is None:
            yield f"its words “{name}” are missing"
        elif word.text is not None and word.commitment != committed.get(name):
            yield f"its words “{name}” are not what was written"
    for content_id, promised in (body.get("contents") or {}).items():
        if content_id not in contents:
            yield f"the text {content_id} is missing"
        elif contents[content_id] not in (None, promised):
            yield f"the text {content_id} is not what was written"
    facts = body.get("events")
    if facts:
        told = [events[seq] for seq in range(facts["first"], facts["last"] + 1) if seq in events]
        if digest_of_events(told) != facts["digest"]:
            yield f"the events {facts['first']} to {facts['last']} are not what was written"


def _events(
    connection: Connection, chain: str, page: list[Kept]
) -> dict[int, tuple[str, int, bytes]]:
    """The events that these records speak of."""
    event = tables.events.c
    spans = [facts for each in page if (facts := _body(each).get("events"))]
    wanted = sorted({seq for each in spans for seq in range(each["first"], each["last"] + 1)})
    return {
        row.seq: (row.type, row.version, row.data.encode())
        for some in _some(wanted)
        for row in connection.execute(
            select(event.seq, event.type, event.version, event.data).where(
                event.session_id == chain, event.seq.in_(some)
            )
        )
    }


def _contents(connection: Connection, chain: str, page: list[Kept]) -> dict[str, str | None]:
    """The commitments of the texts that these records speak of; None where they are erased."""
    content = tables.contents.c
    wanted = sorted(
        {content_id for each in page for content_id in _body(each).get("contents") or ()}
    )
    return {
        row.id: None if row.text is None else commitment(row.text, bytes(row.salt or b""))
        for some in _some(wanted)
        for row in connection.execute(
            select(content.id, content.text, content.salt).where(
                content.session_id == chain, content.id.in_(some)
            )
        )
    }


def _some(wanted: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]
