"""What the adapters share: one bounded call, whose failures are told in the port's words."""

from __future__ import annotations

from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from live.ports.translator import TranslationFailed

T = TypeVar("T")

ANSWER_BYTES_MOST: Final = 1_048_576
CONNECTIONS: Final = httpx.Limits(max_connections=8, max_keepalive_connections=4)
_CODES: Final = {
    400: "unsupported",
    401: "refused",
    403: "refused",
    404: "refused",
    429: "exhausted",
    456: "exhausted",  # DeepL: the quota of this account is used up
}


class Service:
    """A translation service at one address. Redirects are not followed: what was configured is
    where texts go."""

    def __init__(
        self, base_url: str, *, timeout_s: float, headers: dict[str, str] | None = None
    ) -> None:
        self.host = urlsplit(base_url).hostname or base_url
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout_s,
            headers=headers,
            limits=CONNECTIONS,
            trust_env=False,
        )

    async def call(self, method: str, path: str, kind: type[T], body: Any = None) -> T:
        """The answer as ``kind``. Raises ``TranslationFailed``."""
        try:
            async with self._client.stream(method, path, json=body) as response:
                data = b""
                async for part in response.aiter_bytes():
                    data += part
                    if len(data) > ANSWER_BYTES_MOST:
                        raise TranslationFailed("unreachable", f"{self.host} answers too much.")
        except httpx.HTTPError as error:
            told = str(error) or type(error).__name__
            raise TranslationFailed("unreachable", f"{self.host}: {told}.") from error
        if response.status_code != httpx.codes.OK:
            code = _CODES.get(response.status_code, "unreachable")
            raise TranslationFailed(code, f"{self.host} answers {response.status_code}.")
        try:
            return msgspec.json.decode(data, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TranslationFailed("unreachable", f"{self.host} answers oddly.") from error

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
