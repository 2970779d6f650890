"""The audit for those who keep or check it elsewhere: JSON lines.

A line is ``{"chain", "session", "n", "hash", "body", "record", "words"}``: ``body`` is the text
that the hash covers (``live.domain.audit.linked`` says how), ``record`` the same as JSON; ``words``
are those that are not erased, with the salts of their commitments in base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, select
from sqlalchemy.exc import SQLAlchemyError

from app.audit.anchor import heads_of
from app.audit.verify import AT_ONCE, AuditProblem
from live.adapters.sql import tables
from live.adapters.sql.audit import kept
from live.adapters.sql.database import read_engine
from live.adapters.sql.writer import summary
from live.domain.audit import Kept


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
        for each in page:
            yield line_of(chain, slug, each)
        n = page[-1].link.n


def line_of(chain: str, slug: str | None, each: Kept) -> str:
    """One record as a line, without its end."""
    told: dict[str, Any] = {
        "chain": chain,
        "session": slug,
        "n": each.link.n,
        "hash": each.link.hash.hex(),
        "body": each.link.body,
        "record": json.loads(each.link.body),
        "words": {
            word.name: {"text": word.text, "salt": base64.b64encode(word.salt or b"").decode()}
            for word in each.words
            if word.text is not None
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _slugs(connection: Connection) -> dict[str, str]:
    session = tables.sessions.c
    return {row.id: row.slug for row in connection.execute(select(session.id, session.slug))}
