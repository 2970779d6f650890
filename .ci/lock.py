"""Pins every dependency with its hashes, for every platform and Python, naming no registry.

Three files, each a consistent part of the same resolution: `requirements.txt` (what Causerie runs
on), `requirements-build.txt` (what builds the package and its pages) and `requirements-dev.txt`
(what checks and tests it). Existing pins are kept unless `--upgrade` is given.
"""

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header"),
)


def compile_pins(output: str, *arguments: str, requirements: Sequence[str] = ()) -> None:
    """Writes `output` from `arguments`, and from `requirements` where `-` is among them."""
    subprocess.run(
        [sys.executable, "-m", *COMPILE, *arguments, "--output-file", output],
        input="\n".join(requirements),
        cwd=ROOT,
        text=True,
        check=True,
    )


def main(arguments: Sequence[str]) -> None:
    """Renews the three files; the only argument there is is `--upgrade`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    compile_pins("requirements.txt", "pyproject.toml", *arguments)
    compile_pins(
        "requirements-dev.txt",
        *("pyproject.toml", "--extra", "dev", "--constraint", "requirements.txt", *arguments),
    )
    compile_pins(
        "requirements-build.txt",
        *("-", "--constraint", "requirements-dev.txt", *arguments),
        requirements=project["build-system"]["requires"],
    )


if __name__ == "__main__":
    main(sys.argv[1:])
