"""Follows a Dockerfile in a plain shell, where no container engine can build it.

Enough of the format for our own file: `FROM … AS`, `WORKDIR`, `COPY` (also `--from`), `RUN` in
shell form, `ENV`, and the exec forms of `ENTRYPOINT`, `CMD` and `HEALTHCHECK`. Anything else that
would change the image raises, so that the file cannot outgrow its test unnoticed.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from tests.support import layers
from tests.support.layers import link_folder

_ABSOLUTE = re.compile(r"(?<![\w./-])/(?=(opt|src|var)\b)")
# As the Makefile's own: what pip is asked there, it has answered on this machine.
_PINNED = re.compile(r"(\S+)/bin/pip install --require-hashes --no-deps -r (\S+)")
# Whether they fit is seen by build_hook.py, which makes them again if not.
_MADE = ("frontend/node_modules", "app/web/dist")


@dataclass(slots=True)
class Image:
    """What the last stage leaves: a root folder and how to start what is in it."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    user: str = "root"
    exposed: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of the file, continuations joined: `word` in capitals, `rest` as written."""

    word: str
    rest: str


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile in order, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    words = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [Instruction(word.upper(), rest) for word, rest in words]


class Builder:
    """Builds the stages one after the other, each at `scratch/root` while it is being built.

    One path for all of them, because environments know their own place: what a later stage copies
    to the same absolute path works as it does in an image, and what it does not copy is gone.
    """

    def __init__(self, context: Path, scratch: Path) -> None:
        self._context = context
        self._scratch = scratch
        self._root = scratch / "root"
        self._stage = ""
        self._workdir = "/"
        self._ignored = _ignore_rules(context / ".dockerignore")
        self.image = Image(self._root)

    def build(self) -> Image:
        """Follows the whole file; raises `CalledProcessError` with the output of a failing step."""
        for instruction in parse((self._context / "Dockerfile").read_text()):
            self._follow(instruction)
        return self.image

    def _follow(self, instruction: Instruction) -> None:
        rest = instruction.rest
        match instruction.word:
            case "FROM":
                self._next_stage(rest)
            case "WORKDIR":
                self._workdir = rest
                self._inside(rest).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(shlex.split(rest))
            case "RUN":
                self._run(rest)
            case _:
                self._describe(instruction)

    def _describe(self, instruction: Instruction) -> None:
        rest = instruction.rest
        match instruction.word:
            case "ENV":
                for setting in shlex.split(rest):
                    name, _, value = setting.partition("=")
                    self.image.env[name] = self._translated(value)
            case "ENTRYPOINT":
                self.image.entrypoint = json.loads(rest)
            case "CMD":
                self.image.command = json.loads(rest)
            case "HEALTHCHECK":
                self.image.healthcheck = json.loads(rest[rest.index("CMD") + 3 :])
            case "USER":
                self.image.user = rest
            case "EXPOSE":
                self.image.exposed = rest.split()
            case "VOLUME":
                self.image.volumes = rest.split()
            case "LABEL":
                pass
            case unknown:
                raise NotImplementedError(f"Teach tests/support/dockerfile.py to follow {unknown}.")

    def _next_stage(self, rest: str) -> None:
        if self._root.exists():
            self._root.rename(self._scratch / f"stage-{self._stage}")
        self._stage = rest.partition(" AS ")[2]
        self._workdir = "/"
        self._root.mkdir()
        self.image = Image(self._root)

    def _copy(self, words: list[str]) -> None:
        options = [word for word in words if word.startswith("--")]
        *sources, target = [word for word in words if not word.startswith("--")]
        into = self._inside(target)
        for source in sources:
            if options:
                (stage,) = (option.removeprefix("--from=") for option in options)
                link_folder(self._scratch / f"stage-{stage}" / source.lstrip("/"), into)
            elif (self._context / source).is_dir():
                self._copy_folder(source, into)
            else:
                assert not self._is_ignored(source), f"{source} is in .dockerignore"
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self._context / source, into)

    def _copy_folder(self, source: str, into: Path) -> None:
        for folder, folders, names in os.walk(self._context / source):
            here = Path(folder).relative_to(self._context)
            folders[:] = [name for name in folders if not self._is_ignored(str(here / name))]
            for name in names:
                if not self._is_ignored(str(here / name)):
                    target = into / (here / name).relative_to(source)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(self._context / here / name, target)

    def _run(self, command: str) -> None:
        programs = self._scratch / "programs"
        programs.mkdir(exist_ok=True)
        python = programs / "python3"
        if not python.exists():
            python.symlink_to(Path(sys.base_prefix) / "bin" / "python3")
        # The registry's answers may come from pip's cache here: only the steps are under test.
        command = self._translated(command).replace(" --no-cache-dir", "")
        command = _PINNED.sub(rf"{sys.executable} {layers.__file__} \2 \1", command)
        self._place_what_is_made()
        if os.geteuid() != 0:
            command = command.replace(" -o 10001 -g 10001", "")
        subprocess.run(
            ["/bin/sh", "-c", f"set -e; {command}"],
            cwd=self._inside(self._workdir),
            env={
                **_shell_environment(),
                "PATH": f"{programs}:/usr/bin:/bin",
                "PIP_NO_COMPILE": "1",  # half a minute for a folder that lives two
            },
            check=True,
            timeout=600,
        )

    def _place_what_is_made(self) -> None:
        for path in _MADE:
            made, wanted = self._context / path, self._inside(path)
            # The first folder of a path is there once the file has copied it.
            if self._inside(path.partition("/")[0]).exists() and not wanted.exists():
                assert self._is_ignored(path), f"{path} is not in .dockerignore"
                link_folder(made, wanted)

    def _inside(self, path: str) -> Path:
        return self._root / str(PurePosixPath(self._workdir) / path).lstrip("/")

    def _translated(self, text: str) -> str:
        """`text` with the image's absolute paths below the stage's root."""
        return _ABSOLUTE.sub(f"{self._root}/", text)

    def _is_ignored(self, path: str) -> bool:
        parts = PurePosixPath(path).parts
        prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        verdict = False
        for pattern, ignored in self._ignored:
            if any(_matches(prefix, pattern) for prefix in prefixes):
                verdict = ignored
        return verdict


def _ignore_rules(path: Path) -> list[tuple[str, bool]]:
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [
        (line.removeprefix("!"), not line.startswith("!"))
        for line in lines
        if line and not line.startswith("#")
    ]


def _matches(path: str, pattern: str) -> bool:
    """One path against one pattern, which may begin with `**/`: the rest is one component then."""
    if pattern.startswith("**/"):
        return fnmatchcase(path.rpartition("/")[2], pattern.removeprefix("**/"))
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)


def _shell_environment() -> dict[str, str]:
    """What a person's shell would bring: the way to the registries, and no Python of ours."""
    kept = ("HOME", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or name.lower().endswith("_proxy") or name.startswith(("PIP_", "npm_"))
    }
