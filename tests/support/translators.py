"""LibreTranslate and DeepL as they speak, on loopback: paths, bodies, answers and refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PHRASES = {
    ("Is it warm?", "fr"): "Est-ce que c’est chaud ?",
    ("Good evening everyone", "fr"): "Bonsoir à tous",
    ("I live in Ghent", "fr"): "J’habite à Gand",
}
KEY = "test-key:fx"


@dataclass
class Service:
    """A running stub: what it was asked, and how it is to misbehave (``status`` other than 200)."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    answers: bytes | None = None


def _said(text: str, target: str) -> str:
    return PHRASES.get((text, target.partition("-")[0].lower()), f"[{target}] {text}")


class _Handler(BaseHTTPRequestHandler):
    """Both services; ``service`` is the one of the class made for a server."""

    service: Service

    def do_GET(self) -> None:
        if self.path == "/languages":
            self._answer(200, [{"code": "en", "name": "English", "targets": ["fr"]}])
        elif self.path == "/v2/usage" and self._may():
            self._answer(200, {"character_count": 10, "character_limit": 500_000})
        else:
            self._answer(404, {"error": "Not Found"})

    def do_POST(self) -> None:
        service = self.service
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service.asked.append({"path": self.path, "body": body, "key": self._key()})
        if service.status != 200 or service.answers is not None:
            self._answer(service.status, {"error": "No"}, service.answers)
        elif self.path == "/translate":
            texts = [_said(each, body["target"]) for each in body["q"]]
            self._answer(200, {"translatedText": texts})
        elif self.path == "/v2/translate" and self._may():
            source, target = body["source_lang"], body["target_lang"]
            texts = [_said(each, target) for each in body["text"]]
            told = [{"detected_source_language": source, "text": each} for each in texts]
            self._answer(200, {"translations": told})
        else:
            self._answer(403, {"message": "Forbidden"})

    def _key(self) -> str:
        return str(self.headers.get("Authorization", ""))

    def _may(self) -> bool:
        return self._key() == f"DeepL-Auth-Key {KEY}"

    def _answer(self, status: int, value: Any, data: bytes | None = None) -> None:
        sent = json.dumps(value).encode() if data is None else data
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def translators() -> Iterator[Service]:
    """Both services at one address, for the length of a ``with`` block."""
    service = Service("")
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
