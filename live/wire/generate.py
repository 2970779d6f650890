"""Write what is derived from the wire's definitions: ``python -m live.wire.generate [--check]``.

``--check`` writes nothing and fails, naming the files, where they differ from the definitions.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from live.wire.asyncapi import asyncapi
from live.wire.schema import components
from live.wire.typescript import typescript

_ROOT = Path(__file__).resolve().parents[2]


def documents() -> dict[Path, str]:
    """Each generated file with the content it should have."""
    named = components()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The wire of Causerie, version 1",
        "oneOf": [{"$ref": "#/$defs/ServerFrame"}, {"$ref": "#/$defs/ClientFrame"}],
        "$defs": named,
    }
    return {
        _ROOT / "live/wire/schema/wire.json": _json(schema),
        _ROOT / "live/wire/schema/asyncapi.json": _json(asyncapi(named)),
        _ROOT / "frontend/src/wire/types.ts": typescript(named),
    }


def stale() -> list[Path]:
    """The generated files that differ from the definitions, or are not there."""
    return [
        path
        for path, content in documents().items()
        if not path.is_file() or path.read_text("utf-8") != content
    ]


def main(arguments: list[str]) -> int:
    """Write or check; 0 when all is as it should be, 1 when not, 2 for a wrong call."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m live.wire.generate [--check]\n")
        return 2
    outdated = stale()
    names = ", ".join(str(path.relative_to(_ROOT)) for path in outdated)
    if arguments and outdated:
        sys.stderr.write(f"not what the wire's definitions give: {names}\n")
        return 1
    content = documents()
    for path in outdated:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content[path], "utf-8")
        sys.stdout.write(f"wrote {path.relative_to(_ROOT)}\n")
    return 0


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
