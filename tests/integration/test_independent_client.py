"""A client written from the contract alone: what it may rely on, and how it is refused.

Nothing of the server is imported; HTTP is httpx, the socket is websockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.support.offers import foreign_codecs, offer
from tests.support.patience import PATIENCE_S
from tests.support.processes import Program, bare_environment, causerie_command
from tests.support.raw_client import Client, Http, Json, RefusedByServer
from tests.support.running import OWNER_TOKEN, Server, running

TEXT_FRAME_LIMIT = 16 * 1024
A_VIEWERS_DECISION = json.dumps(
    {
        "id": "c7",
        "type": "moderation.decide",
        "data": {"subject": {"kind": "message", "id": "x"}, "revision": 1, "verdict": "publish"},
    }
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # The rates are not what is tried here.
    rates = {"CAUSERIE_LIMIT_MESSAGES": "1000/1s", "CAUSERIE_LIMIT_QUESTIONS": "1000/1s"}
    with running(tmp_path_factory.mktemp("independent") / "data", **rates) as started:
        yield started


@pytest.fixture
def http(server: Server) -> Http:
    return Http(server.url, OWNER_TOKEN)


class Show:
    """A live session with a moderator and a viewer in it."""

    def __init__(self, http: Http, session: Json) -> None:
        self.http = http
        self.session = session
        self.slug: str = session["slug"]
        self.clients: list[Client] = []

    async def enter(self, role: str, name: str) -> Client:
        invite = self.session["invites"][role]["token"]
        joined = await self.http.join(self.slug, invite=invite, display_name=name, language="en")
        assert joined["participant"]["role"] == role
        client = await Client(self.http.url, self.slug, joined["token"]).open()
        self.clients.append(client)
        return client


@pytest.fixture
async def show(http: Http) -> AsyncIterator[Show]:
    opened = Show(http, await http.new_session(title="Tried by strangers", review="before"))
    yield opened
    for client in opened.clients:
        await client.close()


def of(client: Client, kind: str) -> list[Json]:
    """The events of one type, in the order in which they came."""
    return [event for event in client.events if event["type"] == kind]


async def end_of(socket: ClientConnection) -> int | None:
    """Read until the server ends the connection; its close code."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(socket.recv(), PATIENCE_S)
    return socket.close_code


async def raw(show: Show, token: str) -> ClientConnection:
    return await connect(
        f"{show.http.url.replace('http', 'ws', 1)}/api/v1/sessions/{show.slug}/ws",
        subprotocols=[Subprotocol("causerie.v1")],
        additional_headers={"Authorization": f"Bearer {token}"},
        proxy=None,
    )


async def answer(socket: ClientConnection) -> Json:
    """The next frame that answers something."""
    while True:
        frame: Json = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
        if frame["t"] in ("ack", "refused"):
            return frame


# --- what it may rely on ---------------------------------------------------------------------


async def test_a_question_is_held_published_and_arrives_once_in_order(show: Show) -> None:
    moderator = await show.enter("moderator", "Mo")
    asker = await show.enter("viewer", "Ana")
    bystander = await show.enter("viewer", "Ben")

    asked = await asker.say("question.ask", text="When does it ship?")
    question = asked["data"]["question"]
    assert question["status"] == "pending"
    held = await moderator.until(lambda _: of(moderator, "question.held"))
    assert held[0]["data"]["question"]["text"] == "When does it ship?"
    for number in range(3):
        await moderator.say("message.post", text=f"line {number}")
    await moderator.say(
        "moderation.decide",
        subject={"kind": "question", "id": question["id"]},
        revision=question["revision"],
        verdict="publish",
    )
    await moderator.say("message.post", text="line 3")

    await bystander.until(lambda _: len(of(bystander, "message.published")) == 4)
    seen = [event["type"] for event in bystander.events]
    assert seen.count("question.published") == 1
    assert "question.held" not in seen
    texts = [event["data"]["message"]["text"] for event in of(bystander, "message.published")]
    assert texts == [f"line {number}" for number in range(4)]
    published = of(bystander, "question.published")[0]["seq"]
    assert published < of(bystander, "message.published")[-1]["seq"]


async def test_a_connection_cut_in_the_middle_of_200_events_resumes_without_gap_or_double(
    show: Show,
) -> None:
    moderator = await show.enter("moderator", "Mo")
    viewer = await show.enter("viewer", "Ana")

    async def talk() -> None:
        for number in range(200):
            await moderator.say("message.post", text=f"line {number}")

    talking = asyncio.create_task(talk())
    await viewer.until(lambda _: len(of(viewer, "message.published")) >= 60)
    await viewer.cut()
    await asyncio.wait_for(
        moderator.until(lambda _: len(of(moderator, "message.published")) > 120), 30
    )
    await viewer.open()
    await talking
    await viewer.until(lambda _: len(of(viewer, "message.published")) >= 200)

    assert viewer.hello["snapshot"] is None
    texts = [event["data"]["message"]["text"] for event in of(viewer, "message.published")]
    assert texts == [f"line {number}" for number in range(200)]


async def test_the_same_command_id_five_times_takes_effect_once(show: Show) -> None:
    moderator = await show.enter("moderator", "Mo")
    command_id = uuid.uuid4().hex
    acks = [await moderator.say("message.post", command_id, text="once") for _ in range(4)]
    await moderator.cut()
    await moderator.open()
    acks.append(await moderator.say("message.post", command_id, text="once"))

    assert acks == [acks[0]] * 5
    listed = await show.http.call("GET", f"/sessions/{show.slug}/messages", moderator.token)
    assert [item["text"] for item in listed["items"]] == ["once"]
    with pytest.raises(RefusedByServer) as refused:
        await moderator.say("message.post", command_id, text="something else")
    assert refused.value.code == "id_reused"


async def test_events_over_http_are_what_the_socket_carried(show: Show) -> None:
    moderator = await show.enter("moderator", "Mo")
    viewer = await show.enter("viewer", "Ana")
    for number in range(5):
        await moderator.say("message.post", text=f"line {number}")
    await viewer.until(lambda _: len(of(viewer, "message.published")) == 5)

    page = await show.http.call(
        "GET", f"/sessions/{show.slug}/events?since={viewer.hello['head']}&limit=500", viewer.token
    )
    assert page["after"] == viewer.hello["head"]
    assert page["events"] == viewer.events

    with pytest.raises(httpx.HTTPStatusError) as refused:
        await show.http.call("GET", f"/sessions/{show.slug}/events?since=999999", viewer.token)
    assert refused.value.response.status_code == 409
    assert refused.value.response.json()["code"] == "resync"


async def test_the_owners_token_connects_without_joining(show: Show) -> None:
    socket = await raw(show, OWNER_TOKEN)
    hello = json.loads(await socket.recv())
    assert hello["t"] == "hello"
    assert hello["you"]["role"] == "owner"
    await socket.close()


# --- how it is refused on the socket ---------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{not json", "malformed"),
        ('["a", "list"]', "malformed"),
        ('{"id":"c1","type":"no.such","data":{}}', "unknown_command"),
        ('{"id":"c2","type":"message.post","data":{"text":"x","color":"red"}}', "invalid"),
        ('{"id":"c3","type":"message.post","data":{"text":"' + "x" * 501 + '"}}', "too_long"),
        ('{"id":"c4","type":"message.post","data":{"text":"a\\u0007b"}}', "control_characters"),
        ('{"id":"c5","type":"message.post","data":{"text":"   "}}', "empty"),
        (
            '{"id":"c6","type":"question.vote","data":{"question_id":"other","up":true}}',
            "not_found",
        ),
        (A_VIEWERS_DECISION, "forbidden"),
    ],
)
async def test_a_bad_frame_of_a_viewer_is_refused_and_nothing_breaks(
    show: Show, frame: str, code: str
) -> None:
    viewer = await show.enter("viewer", "Ana")
    socket = await raw(show, viewer.token)
    await socket.send(frame)
    refused = await answer(socket)
    assert refused["t"] == "refused"
    assert refused["code"] == code
    assert refused["message"].endswith((".", "…"))
    assert refused["id"] == (None if code == "malformed" else json.loads(frame)["id"])

    await socket.send('{"id":"after","type":"message.post","data":{"text":"still here"}}')
    assert (await answer(socket))["t"] == "ack"
    await socket.close()


async def test_a_vote_for_a_question_of_another_session_is_refused(show: Show, http: Http) -> None:
    other = Show(http, await http.new_session(title="Elsewhere"))
    elsewhere = await other.enter("viewer", "Zoé")
    asked = await elsewhere.say("question.ask", text="Asked elsewhere?")
    viewer = await show.enter("viewer", "Ana")
    with pytest.raises(RefusedByServer) as refused:
        await viewer.say("question.vote", question_id=asked["data"]["question"]["id"], up=True)
    assert refused.value.code == "not_found"
    await elsewhere.close()


async def test_a_decision_on_an_old_revision_is_stale_and_shows_the_current_state(
    show: Show,
) -> None:
    moderator = await show.enter("moderator", "Mo")
    viewer = await show.enter("viewer", "Ana")
    held = (await viewer.say("message.post", text="Is this on?"))["data"]["message"]
    subject = {"kind": "message", "id": held["id"]}
    await moderator.say(
        "moderation.decide", subject=subject, revision=held["revision"], verdict="publish"
    )
    with pytest.raises(RefusedByServer) as refused:
        await moderator.say(
            "moderation.decide", subject=subject, revision=held["revision"], verdict="remove"
        )
    assert refused.value.code == "stale"
    assert refused.value.frame["current"]["status"] == "published"


async def test_an_oversized_frame_ends_the_connection_with_4413(show: Show) -> None:
    viewer = await show.enter("viewer", "Ana")
    socket = await raw(show, viewer.token)
    await socket.send("x" * (TEXT_FRAME_LIMIT + 1))
    assert await end_of(socket) == 4413


async def closed_with(url: str, subprotocols: list[str], **headers: str) -> int | None:
    socket = await connect(
        url.replace("http", "ws", 1),
        subprotocols=[Subprotocol(item) for item in subprotocols],
        additional_headers=headers,
        proxy=None,
    )
    return await end_of(socket)


async def test_the_socket_tells_why_it_does_not_open(show: Show, http: Http) -> None:
    other = await http.new_session(title="Another one")
    private = await http.new_session(title="Closed circle", visibility="private")
    stranger = (await http.join(other["slug"]))["token"]
    url = f"{http.url}/api/v1/sessions"
    v1 = ["causerie.v1"]
    assert await closed_with(f"{url}/{show.slug}/ws", ["chat"]) == 4400
    assert await closed_with(f"{url}/nowhere/ws", v1) == 4404
    assert await closed_with(f"{url}/{private['slug']}/ws", v1) == 4404
    assert await closed_with(f"{url}/{private['slug']}/ws", [*v1, f"bearer.{stranger}"]) == 4404
    assert await closed_with(f"{url}/{show.slug}/ws", v1) == 4401
    assert await closed_with(f"{url}/{show.slug}/ws", [*v1, f"bearer.{stranger}"]) == 4401


async def test_a_cookie_from_a_foreign_origin_opens_no_socket(show: Show) -> None:
    viewer = await show.enter("viewer", "Ana")
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            f"{show.http.url.replace('http', 'ws', 1)}/api/v1/sessions/{show.slug}/ws",
            subprotocols=[Subprotocol("causerie.v1")],
            additional_headers={"Cookie": f"causerie_s_{show.slug}={viewer.token}"},
            origin=Origin("https://elsewhere.example"),
            proxy=None,
        )
    assert refused.value.response.status_code == 403


# --- how it is refused over HTTP -------------------------------------------------------------


async def refused(
    http: Http, method: str, path: str, token: str | None = None, **body: object
) -> tuple[int, str]:
    with pytest.raises(httpx.HTTPStatusError) as problem:
        await http.call(method, path, token, **body)
    response = problem.value.response
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["detail"].endswith(".")
    return response.status_code, told["code"]


async def test_a_token_of_another_session_is_not_valid_here(show: Show, http: Http) -> None:
    other = await http.new_session(title="Another one")
    token = (await http.join(other["slug"]))["token"]
    found = await refused(http, "GET", f"/sessions/{show.slug}/messages", token)
    assert found == (401, "not_authenticated")


async def test_invites_that_expired_were_revoked_or_used_up_let_nobody_in(
    show: Show, http: Http
) -> None:
    path = f"/sessions/{show.slug}/invites"
    soon = datetime.now(UTC) + timedelta(seconds=1)
    expiring = await http.as_owner("POST", path, role="viewer", expires_at=soon.isoformat())
    revoked = await http.as_owner("POST", path, role="moderator")
    await http.as_owner("DELETE", f"{path}/{revoked['id']}")
    single = await http.as_owner("POST", path, role="viewer", uses=1)
    await http.join(show.slug, invite=single["token"])
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.05)

    join = f"/sessions/{show.slug}/join"
    assert await refused(http, "POST", join, invite=expiring["token"]) == (410, "invite_expired")
    assert await refused(http, "POST", join, invite=revoked["token"]) == (410, "invite_revoked")
    assert await refused(http, "POST", join, invite=single["token"]) == (410, "invite_used_up")
    assert await refused(http, "POST", join, invite="x" * 43) == (404, "invite_unknown")


async def test_revoking_an_invite_closes_what_it_let_in_within_a_second(
    show: Show, http: Http
) -> None:
    path = f"/sessions/{show.slug}/invites"
    invite = await http.as_owner("POST", path, role="moderator")
    joined = await http.join(show.slug, invite=invite["token"], display_name="Gone soon")
    client = await Client(http.url, show.slug, joined["token"]).open()
    began = time.monotonic()
    await http.as_owner("DELETE", f"{path}/{invite['id']}")
    await client.until(lambda _: client.closed_with is not None)
    assert client.closed_with == 4403
    assert time.monotonic() - began < 1.0
    found = await refused(http, "GET", f"/sessions/{show.slug}/messages", joined["token"])
    assert found == (401, "not_authenticated")
    await client.close()


async def test_a_body_that_cannot_be_taken_is_refused_by_what_is_wrong_with_it(
    http: Http,
) -> None:
    owner = {"Authorization": f"Bearer {OWNER_TOKEN}"}
    url = f"{http.url}/api/v1/sessions"
    typed = {**owner, "Content-Type": "application/json"}
    large = json.dumps({"title": "x" * 1_048_576})

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536].encode()

    async with httpx.AsyncClient(trust_env=False) as client:
        cases = [
            (await client.post(url, content="{not json", headers=typed), 400, "malformed"),
            (await client.post(url, content='{"title":1}', headers=typed), 422, "invalid"),
            (
                await client.post(url, json={"title": "x", "colour": "red"}, headers=owner),
                422,
                "invalid",
            ),
            (await client.post(url, content="{}", headers=owner), 415, "media_type"),
            (await client.post(url, content=large, headers=typed), 413, "too_large"),
            (await client.post(url, content=chunks(), headers=typed), 413, "too_large"),
            (await client.post(url, json={"title": "x" * 121}, headers=owner), 422, "too_long"),
            (await client.post(url, json={"title": " "}, headers=owner), 422, "empty"),
            (
                await client.post(url, json={"title": "a\u0007"}, headers=owner),
                422,
                "control_characters",
            ),
            (
                await client.post(url, json={"title": "x", "starts_at": "tomorrow"}, headers=owner),
                422,
                "invalid",
            ),
        ]
    for response, status, code in cases:
        assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_write_with_a_cookie_needs_our_origin(show: Show, http: Http) -> None:
    viewer = await show.enter("viewer", "Ana")
    me = viewer.hello["you"]["id"]
    url = f"{http.url}/api/v1/sessions/{show.slug}"
    cookie = {"Cookie": f"causerie_s_{show.slug}={viewer.token}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        foreign = {**cookie, "Origin": "https://elsewhere.example"}
        for headers in (foreign, cookie):
            response = await client.delete(f"{url}/participants/{me}", headers=headers)
            assert (response.status_code, response.json()["code"]) == (403, "origin")
        joined = await client.post(f"{url}/join", json={}, headers=foreign)
        assert (joined.status_code, joined.json()["code"]) == (403, "origin")
        ours = await client.post(f"{url}/join", json={}, headers={**cookie, "Origin": http.url})
        assert ours.json()["participant"]["id"] == me


async def test_a_state_that_no_step_leads_to_is_refused(http: Http) -> None:
    session = await http.as_owner("POST", "/sessions", title="From draft to its end")
    path = f"/sessions/{session['slug']}/state"
    assert await refused(http, "POST", path, OWNER_TOKEN, state="ended") == (409, "impossible_step")
    for state in ("lobby", "draft", "live", "live", "ended"):
        assert (await http.as_owner("POST", path, state=state))["state"] == state
    assert await refused(http, "POST", path, OWNER_TOKEN, state="live") == (409, "impossible_step")


async def test_media_that_cannot_be_is_refused_with_its_own_code(show: Show, http: Http) -> None:
    host = (await http.join(show.slug, invite=show.session["invites"]["host"]["token"]))["token"]
    second = (await http.join(show.slug, invite=show.session["invites"]["host"]["token"]))["token"]
    viewer = (await http.join(show.slug))["token"]
    base = f"{http.url}/api/v1/sessions/{show.slug}"

    async with httpx.AsyncClient(trust_env=False) as client:

        async def post(path: str, token: str, sdp: str) -> httpx.Response:
            return await client.post(
                f"{base}/{path}",
                content=sdp,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"},
            )

        nobody = await post("whep", viewer, offer("recvonly"))
        assert (nobody.status_code, nobody.json()["code"]) == (409, "not_publishing")
        assert int(nobody.headers["retry-after"]) > 0
        unknown = await post("whip", host, foreign_codecs("sendonly"))
        assert (unknown.status_code, unknown.json()["code"]) == (406, "codec")
        garbage = await post("whip", host, "v=0\r\nnonsense")
        assert (garbage.status_code, garbage.json()["code"]) == (400, "malformed_sdp")
        large = await post("whip", host, "v=0\r\n" + "a=x\r\n" * 14_000)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        by_viewer = await post("whip", viewer, offer("sendonly"))
        assert (by_viewer.status_code, by_viewer.json()["code"]) == (403, "forbidden")

        made = await post("whip", host, offer("sendonly"))
        assert made.status_code == 201
        assert made.headers["content-type"] == "application/sdp"
        leg = f"{http.url}{made.headers['location']}"
        taken = await post("whip", second, offer("sendonly"))
        assert (taken.status_code, taken.json()["code"]) == (409, "seat_taken")

        fragment = {"Content-Type": "application/trickle-ice-sdpfrag"}
        mine = {**fragment, "Authorization": f"Bearer {host}"}
        theirs = {**fragment, "Authorization": f"Bearer {second}"}
        candidates = (
            "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=end-of-candidates\r\n"
        )
        statuses = [
            (await client.patch(leg, content=candidates, headers=mine)).status_code,
            (
                await client.patch(leg, content=candidates, headers={**mine, "If-Match": '"no"'})
            ).status_code,
            (await client.patch(leg, content=candidates, headers=theirs)).status_code,
            (await client.delete(leg, headers=theirs)).status_code,
            (await client.delete(leg)).status_code,
        ]
        assert statuses == [428, 412, 404, 404, 404]
        etag = {"If-Match": made.headers["etag"]}
        added = await client.patch(leg, content=candidates, headers={**mine, **etag})
        assert added.status_code == 204

        replaced = await client.post(
            f"{base}/whip?takeover=1",
            content=offer("sendonly"),
            headers={"Authorization": f"Bearer {second}", "Content-Type": "application/sdp"},
        )
        assert replaced.status_code == 201
        own = {"Authorization": f"Bearer {second}"}
        leg = f"{http.url}{replaced.headers['location']}"
        assert (await client.delete(leg, headers=own)).status_code == 204
        assert (await client.delete(leg, headers=own)).status_code == 404


# --- how a start is refused ------------------------------------------------------------------


def told_at_start(tmp_path: Path, **settings: str) -> str:
    """The one sentence with which a start ends."""
    folder = Path(settings.pop("CAUSERIE_DATA_DIR", str(tmp_path / "data")))
    environment = bare_environment(folder, **{"CAUSERIE_UDP_PORT": "0", **settings})
    program = Program(causerie_command("serve"), env=environment, cwd=tmp_path)
    try:
        assert program.wait(within_s=60) == 2
    finally:
        program.stop()
    assert "Traceback" not in program.stderr
    return [line for line in program.stderr.splitlines() if line.startswith("causerie: ")][-1]


def test_a_port_in_use_is_told_in_one_sentence(server: Server, tmp_path: Path) -> None:
    told = told_at_start(tmp_path, CAUSERIE_PORT=str(server.port))
    assert f"CAUSERIE_PORT={server.port}: " in told


def test_a_udp_port_in_use_is_told_in_one_sentence(server: Server, tmp_path: Path) -> None:
    told = told_at_start(tmp_path, CAUSERIE_PORT="0", CAUSERIE_UDP_PORT=str(server.udp_port))
    assert f"CAUSERIE_UDP_PORT={server.udp_port}: " in told


def test_a_data_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    # A file stands where the folder should be: that stops root as well.
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "data")
    told = told_at_start(tmp_path, CAUSERIE_PORT="0", CAUSERIE_DATA_DIR=folder)
    assert f"CAUSERIE_DATA_DIR={folder}: " in told


def test_a_database_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = "postgresql://somebody@127.0.0.1:1/nothing"
    told = told_at_start(tmp_path, CAUSERIE_PORT="0", CAUSERIE_DATABASE_URL=url)
    assert "CAUSERIE_DATABASE_URL=" in told
    assert "does not answer" in told
