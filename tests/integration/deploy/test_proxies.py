"""Causerie behind the proxies of `deploy/`: TLS, forwarding headers, the socket, WHIP."""

import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from aiortc import RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.integration.deploy.proxies import PROXIES, Site, site_behind
from tests.support.running import OWNER_TOKEN

API = "/api/v1"
SDP = {"Content-Type": "application/sdp"}
AS_OWNER = {"Authorization": f"Bearer {OWNER_TOKEN}"}


@pytest.fixture(scope="module", params=sorted(PROXIES))
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Causerie behind each proxy in turn, which it trusts."""
    with site_behind(request.param, tmp_path_factory.mktemp("site"), trusted=True) as site:
        yield site


@pytest.fixture
async def browser_like(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies, trusts the site's certificate, and knows no token."""
    async with httpx.AsyncClient(base_url=site.url, verify=site.tls, trust_env=False) as client:
        yield client


async def live_session(client: httpx.AsyncClient) -> dict[str, str]:
    """The slug of a session that is live, and its invites by role."""
    made = await client.post(f"{API}/sessions", json={"title": "Proxied"}, headers=AS_OWNER)
    assert made.status_code == 201, made.text
    slug = made.json()["slug"]
    step = await client.post(
        f"{API}/sessions/{slug}/state", json={"state": "live"}, headers=AS_OWNER
    )
    assert step.status_code == 200, step.text
    invites = {role: invite["url"] for role, invite in made.json()["invites"].items()}
    return {"slug": slug, **invites}


async def join(client: httpx.AsyncClient, site: Site, slug: str, **body: str) -> httpx.Response:
    answer = await client.post(
        f"{API}/sessions/{slug}/join", json=body, headers={"Origin": site.url}
    )
    assert answer.status_code == 200, answer.text
    return answer


async def offer() -> str:
    """An SDP offer of a picture and a sound, as a browser's publisher would make."""
    connection = RTCPeerConnection()
    try:
        connection.addTransceiver(VideoStreamTrack(), direction="sendonly")
        connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
        await connection.setLocalDescription(await connection.createOffer())
        return connection.localDescription.sdp
    finally:
        await connection.close()


async def test_links_are_those_of_the_proxy(site: Site, browser_like: httpx.AsyncClient) -> None:
    session = await live_session(browser_like)

    assert session["viewer"].startswith(f"{site.url}/join/")


async def test_the_home_page_comes_through_sealed(
    browser_like: httpx.AsyncClient,
) -> None:
    page = await browser_like.get("/")

    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


async def test_cookies_are_for_tls_and_for_the_server_alone(
    site: Site, browser_like: httpx.AsyncClient
) -> None:
    session = await live_session(browser_like)

    joined = await join(browser_like, site, session["slug"], language="fr")

    cookies = joined.headers.get_list("set-cookie")
    assert cookies
    for cookie in cookies:
        attributes = {part.strip().lower() for part in cookie.split(";")}
        assert {"secure", "httponly", "samesite=lax"} <= attributes, cookie


async def test_the_socket_passes_with_its_cookie(
    site: Site, browser_like: httpx.AsyncClient
) -> None:
    session = await live_session(browser_like)
    await join(browser_like, site, session["slug"], display_name="Ada", language="en")
    cookies = "; ".join(f"{name}={value}" for name, value in browser_like.cookies.items())

    async with connect(
        f"{site.url.replace('https', 'wss', 1)}{API}/sessions/{session['slug']}/ws",
        ssl=site.tls,
        proxy=None,
        origin=Origin(site.url),
        subprotocols=[Subprotocol("causerie.v1")],
        additional_headers={"Cookie": cookies},
    ) as socket:
        hello = json.loads(await socket.recv())
        await socket.send(
            json.dumps({"id": "c1", "type": "message.post", "data": {"text": "through"}})
        )
        frames = [json.loads(await socket.recv())]
        while frames[-1]["t"] != "ack":
            frames.append(json.loads(await socket.recv()))

    assert hello["you"]["display_name"] == "Ada"
    assert frames[-1]["data"]["message"]["text"] == "through"


async def test_the_socket_refuses_another_site_s_page(
    site: Site, browser_like: httpx.AsyncClient
) -> None:
    session = await live_session(browser_like)
    await join(browser_like, site, session["slug"], language="en")
    cookies = "; ".join(f"{name}={value}" for name, value in browser_like.cookies.items())

    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            f"{site.url.replace('https', 'wss', 1)}{API}/sessions/{session['slug']}/ws",
            ssl=site.tls,
            proxy=None,
            origin=Origin("https://elsewhere.example"),
            subprotocols=[Subprotocol("causerie.v1")],
            additional_headers={"Cookie": cookies},
        ):
            pass

    assert refused.value.response.status_code == 403


async def test_a_publisher_comes_changes_and_goes(
    site: Site, browser_like: httpx.AsyncClient
) -> None:
    session = await live_session(browser_like)
    invite = session["host"].rpartition("/")[2]
    host = await join(
        browser_like, site, session["slug"], display_name="Hedy", language="en", invite=invite
    )
    bearer = {"Authorization": f"Bearer {host.json()['token']}"}
    path = f"{API}/sessions/{session['slug']}/whip"

    made = await browser_like.post(path, content=await offer(), headers={**bearer, **SDP})
    assert made.status_code == 201, made.text
    resource = httpx.URL(site.url).join(path).join(made.headers["Location"])
    assert resource.netloc.decode() == site.host
    unconditional = await browser_like.patch(
        resource,
        content="a=end-of-candidates\r\n",
        headers={**bearer, "Content-Type": "application/trickle-ice-sdpfrag"},
    )
    gone = await browser_like.delete(resource, headers=bearer)
    again = await browser_like.delete(resource, headers=bearer)

    assert made.headers["ETag"]
    assert made.headers["Content-Type"].startswith("application/sdp")
    assert "a=ice-lite" in made.text
    assert unconditional.status_code == 428
    assert gone.status_code in (200, 204)
    assert again.status_code == 404


async def test_a_body_too_large_is_refused_in_our_words(browser_like: httpx.AsyncClient) -> None:
    answer = await browser_like.post(
        f"{API}/sessions", content=b"x" * (1024 * 1024 + 1), headers=AS_OWNER
    )

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {},
    ],
    ids=lambda header: next(iter(header), "none"),
)
async def test_nobody_behind_the_proxy_passes_for_loopback(
    browser_like: httpx.AsyncClient, header: dict[str, str]
) -> None:
    metrics = await browser_like.get("/metrics", headers=header)

    assert metrics.status_code in (401, 403)


async def test_plain_http_leads_to_tls(site: Site) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{site.plain_url}/s/any")

    assert answer.status_code in (301, 308)
    assert answer.headers["Location"].startswith("https://localhost")
    assert answer.headers["Location"].endswith("/s/any")


@pytest.mark.parametrize("proxy", sorted(PROXIES))
async def test_a_proxy_that_is_not_trusted_is_warned_of_by_name(
    proxy: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with site_behind(proxy, tmp_path_factory.mktemp("site"), trusted=False) as site:
        async with httpx.AsyncClient(base_url=site.url, verify=site.tls, trust_env=False) as client:
            metrics = await client.get("/metrics")
        site.server.program.wait_for_line(
            lambda line: "x-forwarded-for" in line and "CAUSERIE_TRUSTED_PROXIES" in line,
            stream="stderr",
        )

    assert metrics.status_code in (401, 403)
