"""The audit for those who keep or check it elsewhere: JSON lines.

A line is ``{"chain", "session", "n", "hash", "body", "record", "words", "texts"}``: ``body`` is the
text that the hash covers (``live.domain.audit.linked`` says how), ``record`` the same as JSON;
``words`` are those that are not erased, with the salts of their commitments in base64. ``texts``
are, by their ids and likewise, those that the record names: what was written, and what stood there
before, an edit's original too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, select
from sqlalchemy.exc import SQLAlchemyError

from app.audit.anchor import heads_of
from app.audit.verify import AT_ONCE, AuditProblem
from live.adapters.sql import tables
from live.adapters.sql.audit import kept
from live.adapters.sql.database import read_engine
from live.adapters.sql.writer import summary
from live.domain.audit import Kept

_NAMES_AT_ONCE: Final = 500


def export_chains(url: URL, slug: str | None) -> Iterator[str]:
    """All records, or those of one session, of one moment. Blocks. Raises ``AuditProblem``."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise AuditProblem(f"There is no database at {url.database}.")
    engine = read_engine(url)
    try:
        with engine.connect() as connection:
            slugs = _slugs(connection)
            chains = [chain for chain, known in slugs.items() if known == slug]
            if slug is not None and not chains:
                raise AuditProblem(f"There is no session {slug}.")
            for chain in chains or sorted(heads_of(connection)):
                yield from chain_lines(connection, chain, slugs.get(chain))
    except SQLAlchemyError as error:
        raise AuditProblem(f"The database cannot be read ({summary(error)}).") from error
    finally:
        engine.dispose()


def chain_lines(connection: Connection, chain: str, slug: str | None) -> Iterator[str]:
    """One chain, from its beginning."""
    n = 0
    while page := kept(connection, chain, after=n, limit=AT_ONCE):
        records = [json.loads(each.link.body) for each in page]
        texts = _texts(connection, chain, {name for each in records for name in _named(each)})
        for each, record in zip(page, records, strict=True):
            named = {name: texts[name] for name in _named(record) if name in texts}
            yield _line(chain, slug, each, record, named)
        n = page[-1].link.n


def _named(record: Any) -> list[str]:
    """The ids of the texts that a record speaks of."""
    return [*record.get("contents", ()), *(each["content"] for each in record.get("subjects", ()))]


def _texts(connection: Connection, chain: str, names: set[str]) -> dict[str, Any]:
    """Those that are not erased. A session's chain bears its id."""
    content, found = tables.contents.c, dict[str, Any]()
    wanted = sorted(names)
    for start in range(0, len(wanted), _NAMES_AT_ONCE):
        query = select(content.id, content.text, content.salt).where(
            content.session_id == chain,
            content.id.in_(wanted[start : start + _NAMES_AT_ONCE]),
            content.text.is_not(None),
        )
        found |= {row.id: _open(row.text, row.salt) for row in connection.execute(query)}
    return found


def _open(text: str, salt: bytes | None) -> dict[str, str]:
    return {"text": text, "salt": base64.b64encode(salt or b"").decode()}


def _line(chain: str, slug: str | None, each: Kept, record: Any, texts: dict[str, Any]) -> str:
    """One record as a line, without its end."""
    told: dict[str, Any] = {
        "chain": chain,
        "session": slug,
        "n": each.link.n,
        "hash": each.link.hash.hex(),
        "body": each.link.body,
        "record": record,
        "words": {
            word.name: _open(word.text, word.salt) for word in each.words if word.text is not None
        },
        "texts": texts,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _slugs(connection: Connection) -> dict[str, str]:
    session = tables.sessions.c
    return {row.id: row.slug for row in connection.execute(select(session.id, session.slug))}
