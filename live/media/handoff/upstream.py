"""A service's WHIP and WHEP endpoints, asked on behalf of people: bounded, and never led elsewhere.

What comes back is foreign: its size, its time, where it points to and what it says are checked.
"""

import logging
import re
from dataclasses import dataclass
from typing import Final

import httpx

from live.media.handoff.handed import NOT_HERE, RETRY_LATER_S, RETRY_SOON_S, service_down
from live.media.handoff.place import ServicePlace
from live.ports.media import SDP_LIMIT_BYTES
from live.ports.media_refusals import MediaRefusal

log = logging.getLogger(__name__)

ANSWER_S: Final = 4.0
CONNECT_S: Final = 2.0
CONNECTIONS_MOST: Final = 32
REDIRECTS_MOST: Final = 3
RETRY_MOST_S: Final = 60
LINKS_MOST: Final = 8
LINK_CHARACTERS: Final = 512

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"

_RELAY: Final = re.compile(r'<turns?:[\x21-\x3b\x3d\x3f-\x7e]+>; *rel="?ice-server"?[\x20-\x7e]*')
_LINK: Final = re.compile(r"<[^<>]*>[^<]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said: its status, and as much as it may say besides."""

    status: int
    text: str
    url: httpx.URL
    headers: httpx.Headers

    @property
    def retry_after_s(self) -> int | None:
        """When to ask again, in bounds."""
        text = self.headers.get("retry-after", "")
        return min(max(int(text), 1), RETRY_MOST_S) if text.isdecimal() and len(text) < 9 else None


@dataclass(frozen=True, slots=True)
class Resource:
    """A leg as the service has it: its address is known to nobody else."""

    url: httpx.URL
    etag: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A leg that the service accepted, with the relays it names (`Link` values)."""

    resource: Resource
    answer_sdp: str
    links: tuple[str, ...]


class _Fault(Exception):
    """The service is of no use; `str()` says why."""


class Upstream:
    """The service. Every method answers within 5 s."""

    def __init__(
        self, place: ServicePlace, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.place = place
        self.trouble: str | None = None
        """What is wrong with it, by the latest answer; None: nothing that is known."""
        headers = {} if place.token is None else {"Authorization": f"Bearer {place.token}"}
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
            limits=httpx.Limits(
                max_connections=CONNECTIONS_MOST, max_keepalive_connections=CONNECTIONS_MOST
            ),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def close(self) -> None:
        """End all connections."""
        await self._client.aclose()

    async def open(self, url: str, offer_sdp: str, *, sends: bool) -> Opened | MediaRefusal:
        """Offer on someone's behalf; `sends` for WHIP, else it is WHEP."""
        answer = await self._send("POST", httpx.URL(url), offer_sdp, {"Content-Type": SDP})
        if answer is None:
            return service_down()
        if answer.status != 201:
            return self._refusal(answer, sends=sends)
        url_of_leg = self._place_of_leg(answer)
        if url_of_leg is None:
            return service_down()
        resource = Resource(url_of_leg, answer.headers.get("etag"))
        return Opened(resource, answer.text, _relays(answer.headers.get_list("link")))

    async def patch(self, resource: Resource, fragment: str) -> Answer | MediaRefusal:
        """Pass candidates or new credentials on: 204, or 200 with the service's own; 404 if it has
        no such leg any more.
        """
        headers = {"Content-Type": FRAGMENT, "If-Match": resource.etag or "*"}
        answer = await self._send("PATCH", resource.url, fragment, headers)
        if answer is None:
            return service_down()
        if answer.status in (200, 204, 404):
            return answer
        if answer.status in (412, 428):
            return MediaRefusal("etag_mismatch", "ICE has begun anew since; use the latest ETag.")
        if answer.status == 400:
            return MediaRefusal("malformed_sdp", "The service does not understand the fragment.")
        return NOT_HERE if 400 <= answer.status < 500 else service_down()

    async def end(self, resource: Resource) -> bool:
        """Have a leg ended; whether it is."""
        answer = await self._send("DELETE", resource.url)
        return answer is not None and (answer.status < 300 or answer.status in (404, 410))

    async def lives(self, resource: Resource) -> bool:
        """Whether the service has a leg still, as far as it tells: asked by a fragment without
        candidates, which changes nothing.
        """
        headers = {"Content-Type": FRAGMENT, "If-Match": resource.etag or "*"}
        answer = await self._send("PATCH", resource.url, "", headers)
        return answer is None or answer.status not in (404, 410)

    async def look(self) -> str | None:
        """What is wrong with the service; None if it answers and does not refuse us. Asks what any
        WHIP endpoint takes without effect (RFC 9725 section 4.2).
        """
        await self._send("OPTIONS", httpx.URL(self.place.publish_url("causerie")))
        return self.trouble

    async def _send(
        self, method: str, url: httpx.URL, body: str = "", headers: dict[str, str] | None = None
    ) -> Answer | None:
        """None if nothing of use comes back; then `trouble` says why."""
        try:
            answer = await self._exchange(method, url, body.encode(), headers)
        except _Fault as fault:
            self._note(str(fault))
            return None
        self.trouble = None
        return answer

    async def _exchange(
        self, method: str, url: httpx.URL, body: bytes, headers: dict[str, str] | None
    ) -> Answer:
        first = url
        try:
            for _ in range(REDIRECTS_MOST + 1):
                async with self._client.stream(
                    method, url, content=body, headers=headers
                ) as response:
                    if response.status_code not in (307, 308):
                        return await _read(response, url)
                    url = url.join(response.headers.get("location", ""))
                if _origin(url) != _origin(first):
                    raise _Fault("it leads to another server")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise _Fault(f"it does not answer ({type(error).__name__})") from error
        raise _Fault("it leads in circles")

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("the media service at %s: %s", self.place.host, trouble)
        self.trouble = trouble

    def _place_of_leg(self, answer: Answer) -> httpx.URL | None:
        location = answer.headers.get("location")
        try:
            url = None if location is None else answer.url.join(location)
        except httpx.InvalidURL:
            url = None
        if url is None or _origin(url) != _origin(answer.url):
            self._note("it names no leg of its own")
            return None
        return url

    def _refusal(self, answer: Answer, *, sends: bool) -> MediaRefusal:
        again = answer.retry_after_s
        match answer.status:
            case 400 | 413 | 422:
                return MediaRefusal("malformed_sdp", "The service does not take this description.")
            case 406 | 415:
                return MediaRefusal("codec", "The service has no codec in common with this.")
            case 404 | 409 if not sends:
                return MediaRefusal(
                    "not_publishing", "Nobody publishes yet.", again or RETRY_SOON_S
                )
            case 409:
                return MediaRefusal("seat_taken", "Someone publishes there already.", again)
            case 429 | 503:
                busy = "The service carries all it can."
                return MediaRefusal("overloaded", busy, again or RETRY_LATER_S)
            case _:
                self._note(f"it answers with {answer.status}")
                return service_down()


async def _read(response: httpx.Response, url: httpx.URL) -> Answer:
    taken = bytearray()
    async for part in response.aiter_bytes():
        taken += part
        if len(taken) > SDP_LIMIT_BYTES:
            raise _Fault("its answer has no end")
    if response.status_code in (401, 403):
        raise _Fault(f"it refuses us ({response.status_code}); check CAUSERIE_MEDIA_TOKEN")
    if response.status_code >= 500 and response.status_code != 503:
        raise _Fault(f"it answers with {response.status_code}")
    return Answer(response.status_code, taken.decode(), url, response.headers)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _relays(values: list[str]) -> tuple[str, ...]:
    """The relays among `Link` values (RFC 9725 section 4.6); everything else is the service's own
    business.
    """
    links = (link.strip(" ,") for value in values for link in _LINK.findall(value))
    found = (each for each in links if len(each) <= LINK_CHARACTERS and _RELAY.fullmatch(each))
    return tuple(found)[:LINKS_MOST]
