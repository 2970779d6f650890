"""The hook that builds the pages, run on a front end small enough to build in a second."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]

BUILD = """
const fs = require("node:fs");
fs.mkdirSync("../app/web/dist", { recursive: true });
fs.writeFileSync("../app/web/dist/index.html", fs.readFileSync("src/page.txt"));
fs.appendFileSync("builds.log", process.versions.node.split(".")[0] + "\\n");
"""
PACKAGE = '{"name": "pages", "version": "1.0.0", "scripts": {"build": "node build.cjs"}}'
LOCK = (
    '{"name": "pages", "version": "1.0.0", "lockfileVersion": 3, "requires": true,'
    ' "packages": {"": {"name": "pages", "version": "1.0.0"}}}'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose one page is the content of `frontend/src/page.txt`."""
    frontend = tmp_path / "frontend"
    (frontend / "src").mkdir(parents=True)
    (frontend / "src" / "page.txt").write_text("first")
    (frontend / "build.cjs").write_text(BUILD)
    (frontend / "package.json").write_text(PACKAGE)
    (frontend / "package-lock.json").write_text(LOCK)
    (frontend / "build_hook.py").write_bytes(
        (REPOSITORY / "frontend" / "build_hook.py").read_bytes()
    )
    (tmp_path / ".gitignore").write_bytes((REPOSITORY / ".gitignore").read_bytes())
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the hook by hand with a shell on the PATH and nothing else, no Node above all."""
    programs = project / "programs"
    programs.mkdir(exist_ok=True)
    if not (programs / "sh").exists():
        (programs / "sh").symlink_to("/bin/sh")
    return subprocess.run(
        [sys.executable, "frontend/build_hook.py", *arguments],
        cwd=project,
        env={"PATH": str(programs), "HOME": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def page(project: Path) -> str:
    return (project / "app" / "web" / "dist" / "index.html").read_text()


def builds(project: Path) -> list[str]:
    return (project / "frontend" / "builds.log").read_text().split()


def test_pages_are_built_with_the_node_of_the_wheel(project: Path) -> None:
    done = run(project, "build")

    assert done.returncode == 0, done.stderr
    assert page(project) == "first"
    assert builds(project) == ["24"]


def test_an_unchanged_front_end_is_not_built_again(project: Path) -> None:
    run(project, "build")
    run(project, "build")

    assert len(builds(project)) == 1


def test_a_changed_source_is_built_again(project: Path) -> None:
    run(project, "build")
    (project / "frontend" / "src" / "page.txt").write_text("second")
    run(project, "build")

    assert page(project) == "second"


def test_a_removed_source_is_built_again(project: Path) -> None:
    extra = project / "frontend" / "src" / "extra.txt"
    extra.write_text("more")
    run(project, "build")
    extra.unlink()
    run(project, "build")

    assert len(builds(project)) == 2


def test_a_failing_build_stops_pip_with_a_sentence(project: Path) -> None:
    (project / "frontend" / "build.cjs").write_text("process.exit(3)")

    done = run(project, "build")

    assert done.returncode == 1
    assert "npm run build failed with exit code 3." in done.stderr
    assert not (project / "app" / "web" / "dist" / ".stamp").exists()


def test_standard_output_stays_free_for_the_build_backend(project: Path) -> None:
    assert run(project, "build").stdout == ""


def test_pages_that_came_along_are_not_built_again(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As from a source distribution, which carries them with their stamp."""
    run(project, "build")
    unpacked = tmp_path_factory.mktemp("unpacked") / "causerie-0.1.0"
    shutil.copytree(
        project, unpacked, ignore=shutil.ignore_patterns("node_modules", "builds.log", "programs")
    )

    done = run(unpacked, "build")

    assert (done.returncode, done.stderr) == (0, "")
    assert not (unpacked / "frontend" / "node_modules").exists()
    assert page(unpacked) == "first"
