"""What this machine has made already, put where a build asks for it: the layers of an engine.

`make` has installed the pinned packages with pip, hashes and all, and built the pages with npm. To
do either again for a folder that lives a minute would show nothing that `make` has not shown.

    python layers.py REQUIREMENTS ENVIRONMENT    gives a virtual environment what is pinned there
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement


def link(source: str, target: str) -> None:
    """One more name for a file; a copy where the two folders have no file system in common."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def link_folder(source: Path, target: Path) -> None:
    """The same files under another folder, which does not exist yet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["cp", "-al", source, target], capture_output=True, check=False).returncode:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, symlinks=True)


def install(requirements: Path, environment: Path) -> None:
    """Put into `environment` what `requirements` pins, from the one that runs this.

    A folder that is one package's alone is there by its name, with what Python has compiled in it:
    twenty thousand files need neither be made nor be taken away. Commands stay away: they begin
    with the path of their own Python. Raises `AssertionError` where another version is installed
    here, `PackageNotFoundError` where none is.
    """
    owners = Counter(top for each in distributions() for top in _folders(each))
    ours, (theirs,) = (
        Path(sysconfig.get_path("purelib")),
        environment.glob("lib/python*/site-packages"),
    )
    for pinned in _pinned(requirements):
        package = distribution(pinned.name)
        assert pinned.specifier.contains(package.version), f"{pinned}: here is {package.version}"
        own = {top for top in _folders(package) if owners[top] == 1}
        for top in own:
            (theirs / top).symlink_to(ours / top)
        for file in package.files or ():
            source = Path(str(package.locate_file(file)))
            if ".." not in file.parts and file.parts[0] not in own and source.exists():
                target = theirs / source.relative_to(ours)
                target.parent.mkdir(parents=True, exist_ok=True)
                link(str(source), str(target))


def _folders(package: Distribution) -> set[str]:
    """The folders beside other packages that this one has files in."""
    return {file.parts[0] for file in package.files or () if len(file.parts) > 1} - {".."}


def _pinned(requirements: Path) -> list[Requirement]:
    """What holds for this Python."""
    lines = [line.rstrip(" \\") for line in requirements.read_text().splitlines() if "==" in line]
    found = [Requirement(line) for line in lines if not line.lstrip().startswith(("#", "--"))]
    return [each for each in found if each.marker is None or each.marker.evaluate()]


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]))
