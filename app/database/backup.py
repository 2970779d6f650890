"""Saves an installation to one file and brings it back, also into the other kind of database.

The file is a zip: ``manifest.json`` tells the revision of the schema, ``tables/*.jsonl`` hold the
rows (first line: the columns; then one array a row, bytes as ``{"base64": …}``), ``files/`` the
secret key and what the ear's filter learned. It holds everything the installation knows,
credentials' hashes too: keep it safe.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from app.audit.acts import note_operator
from app.audit.anchor import heads_of
from app.database import schema
from app.database.engine import is_served
from app.keys import KEY_FILE
from app.told import ToldError
from live.adapters.sql.database import read_engine, write_engine
from live.adapters.sql.tables import sessions
from live.adapters.sql.writer import summary

FORMAT: Final = 1
_LEARNED: Final = re.compile(r"files/(ear/(?:\d+/)?(?:lessons|learned))")
_ROWS_AT_ONCE: Final = 1000
_NOT_SAVED: Final = frozenset({"alembic_version", "evasion_salts", "evasion_hints"})
"""The schema's own mark; and what is kept for two days at most, which no copy may outlive."""


class BackupProblem(ToldError):
    """It could not be saved or brought back; ``str()`` is one sentence. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds: rows by table, and when it was made; after a restore also ``heads``,
    where the chains of the audit end now."""

    file: Path
    at: datetime
    rows: dict[str, int]
    heads: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)

    def __str__(self) -> str:
        sessions, rows = self.rows.get("sessions", 0), sum(self.rows.values())
        return f"{self.file}: {sessions} sessions, {rows} rows, as of {self.at:%Y-%m-%d %H:%M} UTC"


# --- saving ----------------------------------------------------------------------------------


def back_up(url: URL, data_dir: Path, target: Path, *, now: datetime) -> Saved:
    """Save the database, the secret key and the ear's memory in ``data_dir``, while the server may
    run.

    ``target`` is the file to make, or a folder to make one in. All rows are of one moment; the file
    appears only when it is whole, readable by its owner alone. Blocks. Raises ``BackupProblem``.
    """
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise BackupProblem(f"There is no database at {url.database}.")
    file = target / f"causerie-{now:%Y%m%d-%H%M%S}.zip" if target.is_dir() else target
    if file.exists():
        raise BackupProblem(f"{file} exists already; name another file.")
    partial = file.with_name(f"{file.name}.partial")
    engine = read_engine(url)
    try:
        with (
            open(partial, "wb", opener=_for_owner_alone) as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive,
            engine.connect() as connection,
        ):
            rows = _save_tables(connection, archive, now)
            for kept in (data_dir / KEY_FILE, *_learned_in(data_dir)):
                with contextlib.suppress(FileNotFoundError):
                    archive.writestr(f"files/{kept.relative_to(data_dir)}", kept.read_bytes())
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(file)
    except OSError as error:
        raise BackupProblem(f"{file} cannot be written ({error.strerror}).") from error
    except SQLAlchemyError as error:
        raise BackupProblem(f"The database cannot be read ({summary(error)}).") from error
    finally:
        engine.dispose()
        partial.unlink(missing_ok=True)
    return Saved(file, now, rows)


def _learned_in(data_dir: Path) -> list[Path]:
    """The files of each ear, the journal before the state that takes it up: read in this order, and
    after the rows, they lack nothing of what the rows say was learned. A lesson that is in both
    counts once."""
    ears = (data_dir / "ear", *sorted((data_dir / "ear").glob("[0-9]*/")))
    return [folder / name for folder in ears for name in ("lessons", "learned")]


def _for_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _save_tables(connection: Connection, archive: zipfile.ZipFile, now: datetime) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    revision = schema.current_revision(connection)
    if revision is None:
        raise BackupProblem("This database was never set up; there is nothing to save.")
    counts = {}
    for table in _tables_of(connection):
        with archive.open(f"tables/{table.name}.jsonl", "w") as lines:
            lines.write(_line([column.name for column in table.columns]))
            count = 0
            streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE)
            for row in streamed.execute(select(table)):
                lines.write(_line([_shown(value) for value in row]))
                count += 1
        counts[table.name] = count
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "revision": revision,
        "tables": counts,
    }
    archive.writestr("manifest.json", json.dumps(manifest, indent=2))
    return counts


def _tables_of(connection: Connection) -> Sequence[Table]:
    """The tables as they are, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in _NOT_SAVED]


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _shown(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    return value


# --- bringing back ---------------------------------------------------------------------------


def restore(
    url: URL,
    data_dir: Path,
    source: Path,
    *,
    replace: bool,
    new_epoch: Callable[[], str],
    now: datetime,
) -> Saved:
    """Bring back what ``source`` holds, in one transaction, and migrate it to this version.

    Every session gets a new epoch, so that no client takes its old history for this one, and the
    audit a record of it (at ``now``). A database
    that holds anything is refused unless ``replace`` says that it may be lost. The caller holds the
    database (``held_database``). Blocks. Raises ``BackupProblem``.
    """
    key = data_dir / KEY_FILE
    engine = write_engine(url)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            saved_key = _entry(archive, f"files/{KEY_FILE}")
            if saved_key and key.exists() and key.read_bytes() != saved_key and not replace:
                raise _not_empty(str(data_dir))
            with engine.begin() as connection:
                if is_served(connection):
                    raise BackupProblem("A server uses this database; stop it first.")
                _empty(connection, replace=replace)
                schema.upgrade_within(connection, manifest["revision"])
                rows = {
                    table.name: _restore_table(connection, table, archive)
                    for table in _tables_of(connection)
                }
                if rows != manifest["tables"]:
                    raise BackupProblem(f"{source} is damaged: rows are missing.")
                schema.upgrade_within(connection)
                _begin_epochs(connection, new_epoch)
                made_at = datetime.fromisoformat(manifest["made_at"])
                note_operator(connection, "restore", now, backup_of=manifest["made_at"])
                heads = heads_of(connection)
            if saved_key:
                _write(key, saved_key)
            _bring_back_learned(archive, data_dir)
    except OSError as error:
        raise BackupProblem(f"{source} cannot be read ({error.strerror}).") from error
    except (zipfile.BadZipFile, ValueError, KeyError) as error:
        raise BackupProblem(f"{source} is not a whole backup of this program.") from error
    except SQLAlchemyError as error:
        raise BackupProblem(f"The database did not take it ({summary(error)}).") from error
    finally:
        engine.dispose()
    return Saved(source, made_at, rows, heads)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest["format"] != FORMAT or not schema.is_known(manifest["revision"]):
        raise BackupProblem(
            f"The backup is of format {manifest['format']}, revision {manifest['revision']}, "
            "which this version does not know; restore it with the version that made it."
        )
    return manifest


def _entry(archive: zipfile.ZipFile, name: str) -> bytes | None:
    return archive.read(name) if name in archive.namelist() else None


def _empty(connection: Connection, *, replace: bool) -> None:
    tables = _tables_of(connection)
    for table in tables:
        if not replace and connection.execute(select(func.count()).select_from(table)).scalar():
            raise _not_empty(connection.engine.url.render_as_string())
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def _not_empty(place: str) -> BackupProblem:
    return BackupProblem(f"{place} is not empty; say that it may be replaced, or name another.")


def _restore_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        columns = json.loads(next(lines))
        rows = (dict(zip(columns, map(_taken, json.loads(line)), strict=True)) for line in lines)
        count = 0
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            connection.execute(insert(table), some)
            count += len(some)
    return count


def _taken(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def _begin_epochs(connection: Connection, new_epoch: Callable[[], str]) -> None:
    for session_id in connection.execute(select(sessions.c.id)).scalars().all():
        renewed = update(sessions).where(sessions.c.id == session_id).values(epoch=new_epoch())
        connection.execute(renewed)


def _bring_back_learned(archive: zipfile.ZipFile, data_dir: Path) -> None:
    """What the ears here learned makes way for what they had learned then."""
    learned = {name: _LEARNED.fullmatch(name) for name in archive.namelist()}
    saved = {data_dir / match[1]: name for name, match in learned.items() if match}
    for file in _learned_in(data_dir):
        file.unlink(missing_ok=True)
    for file, name in saved.items():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(file, archive.read(name))


def _write(file: Path, content: bytes) -> None:
    """Put a file in place whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    with open(partial, "wb", opener=_for_owner_alone) as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    partial.rename(file)
