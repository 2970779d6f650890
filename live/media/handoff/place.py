"""Where picture and sound are handed off to, read from what the operator wrote."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

SESSION: Final = "{session}"
"""Stands for the session's slug in the URL of a service."""


@dataclass(frozen=True, slots=True)
class JanusPlace:
    """A Janus server's WebSocket interface. `secret` is its `api_secret`, `admin_key` that of its
    plugins; None where it has none.
    """

    url: str
    secret: str | None = field(default=None, repr=False)
    admin_key: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port, for a sentence."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A service's WHIP and WHEP addresses, each with `{session}` in it, and the bearer token that
    it takes for both.
    """

    whip: str
    whep: str
    token: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port, for a sentence."""
        return urlsplit(self.whip).netloc

    def publish_url(self, slug: str) -> str:
        """Where this session is published."""
        return self.whip.replace(SESSION, quote(slug, safe=""))

    def watch_url(self, slug: str) -> str:
        """Where this session is watched."""
        return self.whep.replace(SESSION, quote(slug, safe=""))


def read_media_url(text: str) -> str | None:
    """Check what says where media runs: `janus+ws://…`, or `whip+https://…{session}…`.

    Empty: nothing is handed off. Raises ValueError with what would be right.
    """
    if not text:
        return None
    remedy = (
        "give janus+ws://host:8188 for Janus, or whip+https://host/path/{session} for a service"
        " with WHIP, or leave it empty"
    )
    kind, plus, rest = text.partition("+")
    parts = _split(rest, remedy)
    if not plus or kind not in ("janus", "whip"):
        raise ValueError(remedy)
    if kind == "whip":
        _check_template(parts, "whip")
        return text
    if parts.scheme in ("http", "https"):
        raise ValueError("give the address of Janus' WebSocket interface, janus+ws://host:8188")
    if parts.scheme not in ("ws", "wss"):
        raise ValueError(remedy)
    if parts.query or parts.fragment:
        raise ValueError(
            "leave secrets out of the address: CAUSERIE_MEDIA_TOKEN is for Janus' api_secret,"
            " CAUSERIE_MEDIA_ADMIN_KEY for its plugins' admin_key"
        )
    return text


def read_watch_url(text: str) -> str | None:
    """Check where a service is watched: `whep+https://…{session}…`. Raises ValueError likewise."""
    if not text:
        return None
    kind, plus, rest = text.partition("+")
    remedy = "give whep+https://host/path/{session}, or leave it empty"
    if not plus or kind != "whep":
        raise ValueError(remedy)
    _check_template(_split(rest, remedy), "whep")
    return text


def place_of(
    media_url: str | None, watch_url: str | None, token: str | None, admin_key: str | None
) -> JanusPlace | ServicePlace | None:
    """The place that these settings name together, each of them checked already; None: the
    built-in engine's. Raises ValueError where one is missing or has nothing to go with.
    """
    kind, _, url = (media_url or "").partition("+")
    if kind == "janus" and watch_url is None:
        return JanusPlace(url, token, admin_key)
    if kind == "whip" and watch_url is not None:
        return ServicePlace(url, watch_url.removeprefix("whep+"), token)
    if kind == "whip":
        raise ValueError("say where the service is watched, as whep+https://host/path/{session}")
    if watch_url is not None:
        raise ValueError(
            "leave it empty, or name a service in CAUSERIE_MEDIA_URL by whip+https://…"
        )
    return None


def _split(text: str, remedy: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(remedy) from None
    if not reachable or parts.username is not None:
        raise ValueError(remedy)
    return parts


def _check_template(parts: SplitResult, kind: str) -> None:
    if parts.scheme not in ("http", "https") or parts.fragment:
        raise ValueError(f"give an address such as {kind}+https://host/path/{SESSION}")
    if SESSION not in parts.path + parts.query or SESSION in parts.netloc:
        raise ValueError(f"put {SESSION} into its path, where the session's name belongs")
