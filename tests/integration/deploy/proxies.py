"""The proxies of `deploy/`, run for real with the files that operators take."""

import datetime as dt
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_tcp_port
from tests.support.processes import REPOSITORY, Program, bare_environment, run_program
from tests.support.running import Server

DEPLOY = REPOSITORY / "deploy"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for `localhost`."""

    chain: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        """Writes a fresh one into `folder`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        made = cls(folder / "fullchain.pem", folder / "privkey.pem")
        made.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made

    def trusting(self) -> ssl.SSLContext:
        """A client's context that trusts this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.chain))


@dataclass(frozen=True, slots=True)
class Site:
    """Causerie behind a proxy, as a browser sees it."""

    server: Server
    url: str
    plain_url: str
    tls: ssl.SSLContext
    proxy: Program

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://")


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the pieces listen, all on 127.0.0.1."""

    tls: int
    plain: int
    causerie: int


def adapted(text: str, replacements: Mapping[str, str]) -> str:
    """`text` with each left side replaced; one that is not there means that the files moved on."""
    for ours, theirs in replacements.items():
        assert ours in text, f"{ours!r} is no longer in the file"
        text = text.replace(ours, theirs)
    return text


@contextmanager
def nginx(folder: Path, ports: Ports, certificate: Certificate) -> Iterator[Program]:
    """Runs nginx with `deploy/nginx/causerie.conf` inside a bare main file."""
    site = adapted(
        (DEPLOY / "nginx" / "causerie.conf").read_text(),
        {
            "live.example.org;": "localhost;",
            "/etc/letsencrypt/live/live.example.org/fullchain.pem": str(certificate.chain),
            "/etc/letsencrypt/live/live.example.org/privkey.pem": str(certificate.key),
            "listen 80;": f"listen 127.0.0.1:{ports.plain};",
            "    listen [::]:80;\n": "",
            "listen 443 ssl": f"listen 127.0.0.1:{ports.tls} ssl",
            "    listen [::]:443 ssl http2;\n": "",
            "127.0.0.1:8000": f"127.0.0.1:{ports.causerie}",
        },
    )
    with _nginx_with(folder, site) as program:
        yield program


@contextmanager
def pieces_cache(
    folder: Path, *, port: int, origin: int, certificate: Certificate | None = None
) -> Iterator[Program]:
    """Runs nginx with `deploy/nginx/pieces.conf` on a port, before Causerie on another one.

    Between the two of them is plain HTTP; without a `certificate`, also before it.
    """
    tls = certificate is not None
    chain, key = ("", "") if certificate is None else (certificate.chain, certificate.key)
    site = adapted(
        (DEPLOY / "nginx" / "pieces.conf").read_text(),
        {
            "server_name pieces.example.org;": "server_name localhost;",
            "/etc/letsencrypt/live/pieces.example.org/fullchain.pem": str(chain),
            "/etc/letsencrypt/live/pieces.example.org/privkey.pem": str(key),
            "/var/cache/causerie-pieces": str(folder / "cache"),
            "listen 443 ssl http2": f"listen 127.0.0.1:{port}{' ssl' if tls else ''}",
            "    listen [::]:443 ssl http2;\n": "",
            "server live.example.org:443;": f"server 127.0.0.1:{origin};",
            "https://causerie_origin": "http://causerie_origin",
        },
    )
    if not tls:
        site = "".join(line for line in site.splitlines(True) if " ssl_certificate" not in line)
    with _nginx_with(folder, site) as program:
        yield program


@contextmanager
def _nginx_with(folder: Path, site: str) -> Iterator[Program]:
    """Runs nginx with this file inside a bare main file."""
    (folder / "causerie.conf").write_text(site)
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\n"
        "error_log stderr notice;\nevents { worker_connections 4096; }\n"
        f"http {{\n    access_log off;\n{temporary}\n    include {folder}/causerie.conf;\n}}\n"
    )
    command = ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with run_program(command, env=bare_environment(folder), cwd=folder) as program:
        program.wait_for_line(lambda line: "getrlimit" in line, stream="stderr")
        yield program


@contextmanager
def caddy(folder: Path, ports: Ports, certificate: Certificate) -> Iterator[Program]:
    """Runs Caddy with `deploy/caddy/Caddyfile`, with our own certificate."""
    site = adapted(
        (DEPLOY / "caddy" / "Caddyfile").read_text(),
        {
            "live.example.org {": (
                f"localhost {{\n\tbind 127.0.0.1\n\ttls {certificate.chain} {certificate.key}"
            ),
            "127.0.0.1:8000": f"127.0.0.1:{ports.causerie}",
        },
    )
    options = f"{{\n\tadmin off\n\thttp_port {ports.plain}\n\thttps_port {ports.tls}\n}}\n"
    (folder / "Caddyfile").write_text(options + site)
    environment = bare_environment(
        folder, XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder), HOME=str(folder)
    )
    command = ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    with run_program(command, env=environment, cwd=folder) as program:
        program.wait_for_line(lambda line: "serving initial configuration" in line, stream="stderr")
        yield program


PROXIES = {"nginx": nginx, "caddy": caddy}


@contextmanager
def site_behind(proxy: str, folder: Path, *, trusted: bool) -> Iterator[Site]:
    """Causerie behind one of `PROXIES`, which it trusts or was not told about."""
    certificate = Certificate.make(folder)
    ports = Ports(tls=free_tcp_port(), plain=free_tcp_port(), causerie=free_tcp_port())
    url = f"https://localhost:{ports.tls}"
    server = Server(
        folder / "data",
        {
            "CAUSERIE_PUBLIC_URL": url,
            "CAUSERIE_TRUSTED_PROXIES": "127.0.0.1" if trusted else "",
        },
        port=ports.causerie,
    )
    try:
        server.start()
        with PROXIES[proxy](folder, ports, certificate) as program:
            yield Site(
                server=server,
                url=url,
                plain_url=f"http://localhost:{ports.plain}",
                tls=certificate.trusting(),
                proxy=program,
            )
    finally:
        for run in server.runs:
            run.stop()
