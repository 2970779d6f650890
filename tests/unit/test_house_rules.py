"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.database.schema import MIGRATIONS

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("app", "live", "moderation")
LOCKS = ("requirements.txt", "requirements-build.txt", "requirements-dev.txt")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())

# Needed without being imported by us, each for its reason.
NOT_IMPORTED = {
    "psycopg": "SQLAlchemy's driver for PostgreSQL",
    "python-multipart": "Starlette's parser of forms",
    "tzdata": "zoneinfo's data where the system has none",
}


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository that match, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [REPOSITORY / name for name in listed.stdout.split("\0") if name]


def declared(requirements: list[str]) -> dict[str, Requirement]:
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def pinned(lock: str) -> dict[str, str]:
    """Version by distribution in a lock file."""
    lines = (REPOSITORY / lock).read_text().splitlines()
    pins = [re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;]+)", line) for line in lines]
    return {canonicalize_name(pin[1]): pin[2] for pin in pins if pin}


def imported_modules(path: Path) -> Iterator[str]:
    """The top-level names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def distributions_imported_by(*folders: str) -> set[str]:
    """The distributions, other than this one, that the files below `folders` import."""
    owners = packages_distributions()
    modules = {
        name
        for path in tracked(*(f"{folder}/*.py" for folder in folders))
        for name in imported_modules(path)
    }
    ours = {*PACKAGES, "tests", "benchmarks"}
    return {canonicalize_name(owners[name][0]) for name in modules - sys.stdlib_module_names - ours}


def test_what_the_server_imports_is_declared_and_what_is_declared_is_used() -> None:
    expected = set(declared(PROJECT["project"]["dependencies"])) - set(NOT_IMPORTED)

    assert distributions_imported_by(*PACKAGES) == expected


def test_what_tests_import_is_declared() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["dev"]
    expected = declared([*PROJECT["project"]["dependencies"], *extra])

    assert distributions_imported_by("tests", "benchmarks", "docs") - set(expected) == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_no_pin_names_a_registry_and_each_has_its_hash(lock: str) -> None:
    text = (REPOSITORY / lock).read_text()

    assert not re.search(r"://|--(extra-)?index-url|--find-links| @ ", text)
    assert text.count("==") <= text.count("--hash=sha256:")


def test_no_package_lock_names_a_registry() -> None:
    locks = tracked("*package-lock.json")

    assert locks
    for lock in locks:
        assert '"resolved"' not in lock.read_text(), lock


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-dev.txt", PROJECT["project"]["optional-dependencies"]["dev"]),
        ("requirements-build.txt", PROJECT["build-system"]["requires"]),
    ],
)
def test_pins_fit_the_ranges_of_the_project(lock: str, requirements: list[str]) -> None:
    pins = pinned(lock)
    for name, requirement in declared(requirements).items():
        assert name in pins, f"make lock: {name} is not in {lock}"
        assert requirement.specifier.contains(pins[name]), f"make lock: {requirement}"


def test_the_three_locks_agree() -> None:
    dev = pinned("requirements-dev.txt")
    for lock in LOCKS:
        for name, version in pinned(lock).items():
            assert dev.get(name, version) == version, (lock, name)


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}"
        for path in tracked("*.py")
        if "migrations" not in path.parts  # a list of columns, however long
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= 70
    ]
    assert long == []


def test_migrations_are_one_line_without_forks() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    numbers = [path.name[:4] for path in sorted((MIGRATIONS / "versions").glob("*.py"))]

    assert scripts.get_heads() == [numbers[-1]]
    assert [script.revision for script in scripts.walk_revisions()] == numbers[::-1]


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in tracked("*.md")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_queue_names_the_tests_that_fill_it() -> None:
    page = (REPOSITORY / "docs" / "durability.md").read_text()
    _, _, table = page.partition("## Queues and their bounds")
    rows = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    named = [re.findall(r"`(test_\w+)`", row) for row in rows[1:]]
    tests = {
        name
        for path in tracked("tests/*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }

    assert len(named) > 20
    assert all(named), "a queue that no test fills"
    assert set(re.findall(r"`(test_\w+)`", page)) <= tests


def test_no_home_of_anyone_is_in_the_repository() -> None:
    """A path of one machine works on no other."""
    home = re.compile(rf"{re.escape(str(REPOSITORY))}|/(?:home|Users)/[a-z]\w*/")
    found = [
        str(path.relative_to(REPOSITORY))
        for path in tracked("*.py", "*.md", "*.ts", "*.svelte", "*.toml", "*.json", ".ci/*")
        if home.search(path.read_text())
    ]
    assert found == []


def test_decisions_are_numbered_without_a_gap_and_none_twice() -> None:
    decisions = sorted(REPOSITORY.glob("docs/adr/0*.md"))
    assert [path.name[:4] for path in decisions] == [f"{n + 1:04}" for n in range(len(decisions))]
    assert [path.read_text().split(".", 1)[0] for path in decisions] == [
        f"# {n + 1}" for n in range(len(decisions))
    ]


def test_the_list_of_decisions_has_every_one_by_its_title() -> None:
    decisions = sorted(REPOSITORY.glob("docs/adr/0*.md"))
    titles = [path.read_text().partition("\n")[0].removeprefix("# ") for path in decisions]
    listed = [
        f"{number}. [{title}]({path.name})"
        for path, (number, _, title) in zip(
            decisions, (title.partition(". ") for title in titles), strict=True
        )
    ]
    assert (REPOSITORY / "docs/adr/README.md").read_text().splitlines()[-len(listed) :] == listed
