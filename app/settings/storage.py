"""Where an installation keeps what it knows: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.setting import Setting, parse_path


def _folder(text: str) -> Path:
    if not text:
        raise ValueError("give the path of a folder, such as ./causerie-data")
    return Path(text)


def _database(text: str) -> str | None:
    if not text:
        return None
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(
            "give a URL such as sqlite:///path/causerie.db or postgresql://user@host/name"
        )
    return text


@dataclass(frozen=True, kw_only=True)
class StorageSettings:
    """What an operator may say about files and database; part of ``Settings``."""

    data_dir: Annotated[
        Path,
        Setting(
            "CAUSERIE_DATA_DIR",
            _folder,
            "./causerie-data",
            "Folder of the SQLite file, the recordings and the secret key; made when absent.",
        ),
    ]
    database_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_DATABASE_URL",
            _database,
            "",
            "SQLAlchemy URL of the database; SQLite and PostgreSQL are supported.",
            "SQLite in the data folder",
        ),
    ]
    audit_anchor: Annotated[
        Path | None,
        Setting(
            "CAUSERIE_AUDIT_ANCHOR",
            parse_path,
            "",
            "File in which the ends of the audit are kept, once a minute; only appended to.",
            "audit-anchor.jsonl in the data folder",
        ),
    ]
