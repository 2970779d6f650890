"""Announcements over a real server: what will be read, who got how far, where links lead."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from PIL import Image

from app.auth import session_cookie
from live.wire.codes import CloseCode
from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http, Json, RefusedByServer

SHOP = "https://shop.example/boots?for=customers"
OTHER = "https://shop.example/boots?for=all"
VARIANTS = [
    {"text": "For customers", "segment": "customer", "link": {"url": SHOP, "label": "See"}},
    {"text": "For all", "link": {"url": OTHER, "label": "See"}},
]


@asynccontextmanager
async def api(http: Http, cast: Cast, token: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """The session's own part of the API, as whoever holds this token."""
    base = f"{http.url}/api/v1/sessions/{cast.slug}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
        yield client


async def announce(http: Http, cast: Cast, *variants: Json, **more: Any) -> str:
    team = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
    done = await team.say("announce.send", variants=list(variants), **more)
    await team.close()
    return str(done["data"]["id"])


async def people(http: Http, cast: Cast, count: int, **wishes: Any) -> list[str]:
    joined = [await http.join(cast.slug, **wishes) for _ in range(count)]
    return [str(each["token"]) for each in joined]


def figures(counts: Json) -> dict[tuple[str, str], int | None]:
    return {(each["segment"], each["language"]): each["people"] for each in counts["cells"]}


async def test_the_team_sees_who_is_there_and_what_they_would_read(http: Http, cast: Cast) -> None:
    tokens = await people(http, cast, 2, segment="customer", language="fr")
    here = [await Client(http.url, cast.slug, token).open() for token in tokens]
    async with api(http, cast, cast.tokens["moderator"]) as team:
        asked = {"variants": [*VARIANTS, {"text": "for ALL!", "segment": "prospect"}]}
        seen = (await team.post("/announcements/outlook", json=asked)).json()
        cells = {(each["segment"], each["language"]): each for each in seen["cells"]}
        assert cells["customer", "fr"]["people"] == 2
        assert cells["customer", "fr"]["variant"] == 0
        assert cells["influencer", "en"] == {
            "segment": "influencer", "language": "en", "people": 0, "variant": 1
        }  # fmt: skip
        assert seen["alike"] == [{"one": 1, "other": 2, "same": False}], "it leads elsewhere"
        assert seen["left_out"] == []
        nobody = await team.post(
            "/announcements/outlook", json={"variants": [{"text": "?", "segment": "nobody"}]}
        )
        assert (nobody.status_code, nobody.json()["code"]) == (422, "invalid")
        many = await team.post(
            "/announcements/outlook", json={"variants": [{"text": "?"}] * 10_000}
        )
        assert (many.status_code, many.json()["code"]) == (422, "invalid")
        refused = await team.post(
            "/announcements/translation", json={"text": "Hello", "source": "en", "target": "fr"}
        )
        assert (refused.status_code, refused.json()["code"]) == (503, "untranslated")
    for each in here:
        await each.close()


async def test_a_link_leads_each_person_to_their_own_address_and_counts_them_once(
    http: Http, cast: Cast
) -> None:
    told = await announce(http, cast, *VARIANTS)
    customers = await people(http, cast, 5, segment="customer", language="fr")
    others = await people(http, cast, 5, segment="prospect", language="en")
    for token, address in [*((each, SHOP) for each in customers), *((e, OTHER) for e in others)]:
        async with api(http, cast, None) as reader:
            reader.cookies.set(session_cookie(cast.slug), token)
            for _ in range(2):
                gone = await reader.get(f"/go/{told}")
                assert (gone.status_code, gone.headers["location"]) == (303, address)
                assert gone.headers["referrer-policy"] == "no-referrer"
    async with api(http, cast, cast.tokens["host"]) as team:
        assert (await team.get(f"/go/{told}")).headers["location"] == OTHER
        [delivery] = (await team.get("/announcements/deliveries")).json()["deliveries"]
    assert delivery["announcement_id"] == told
    for stage in ("reached", "seen", "acted"):
        assert figures(delivery[stage])["customer", "fr"] == 5
        assert delivery[stage]["total"] == 10


async def test_nobody_is_led_where_nothing_of_ours_leads(http: Http, cast: Cast) -> None:
    told = await announce(http, cast, VARIANTS[0])
    [customer] = await people(http, cast, 1, segment="customer")
    [prospect] = await people(http, cast, 1, segment="prospect")
    home = f"/s/{cast.slug}"
    async with api(http, cast, None) as stranger:
        assert (await stranger.get(f"/go/{told}")).headers["location"] == home
        elsewhere = await stranger.get(f"/go/{told}?url=https://evil.example")
        assert elsewhere.headers["location"] == home
    async with api(http, cast, prospect) as reader:
        assert (await reader.get(f"/go/{told}")).headers["location"] == home, "not their words"
        assert (await reader.get("/go/none")).headers["location"] == home
    async with api(http, cast, customer) as reader:
        for early in ({"Sec-Purpose": "prefetch"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await reader.get(f"/go/{told}", headers=early)).status_code == 303
    team = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
    await team.say("announce.withdraw", announcement_id=told)
    await team.close()
    async with api(http, cast, customer) as reader:
        assert (await reader.get(f"/go/{told}")).headers["location"] == home
    async with api(http, cast, cast.tokens["host"]) as staff:
        [delivery] = (await staff.get("/announcements/deliveries")).json()["deliveries"]
    assert delivery["acted"]["total"] == 0


async def test_receipts_count_people_once_and_none_that_would_be_picked_out(
    http: Http, cast: Cast
) -> None:
    told = await announce(http, cast, *VARIANTS)
    for token in await people(http, cast, 5, segment="customer", language="fr"):
        async with api(http, cast, token) as reader:
            for body in ({"reached": [told]}, {"seen": [told]}, {"reached": [told, "none"]}):
                assert (await reader.post("/receipts", json=body)).status_code == 204
    few = await people(http, cast, 2, segment="prospect", language="fr")
    for token in few:
        async with api(http, cast, token) as reader:
            await reader.post("/receipts", json={"seen": [told]})
            much = await reader.post("/receipts", json={"seen": [told] * 51})
            assert (much.status_code, much.json()["code"]) == (422, "invalid")
    async with api(http, cast, cast.tokens["moderator"]) as team:
        await team.post("/receipts", json={"seen": [told]})
        answer = await team.get("/announcements/deliveries", params={"announcement": told})
        [delivery] = answer.json()["deliveries"]
        assert figures(delivery["seen"]) == {("customer", "fr"): None, ("prospect", "fr"): None}
        assert delivery["seen"]["total"] == 7
        assert delivery["acted"]["total"] == 0
    exported = await http.as_owner("GET", f"/sessions/{cast.slug}/export")
    [kept] = exported["announcements"]
    assert [each["text"] for each in kept["variants"]] == ["For customers", "For all"]
    assert {each["seen"] for each in kept["counts"]} == {None}
    gone = (await http.call("GET", f"/sessions/{cast.slug}", few[0]))["you"]["id"]
    await http.as_owner("DELETE", f"/sessions/{cast.slug}/participants/{gone}")
    async with api(http, cast, cast.tokens["moderator"]) as team:
        [delivery] = (await team.get("/announcements/deliveries")).json()["deliveries"]
        assert delivery["seen"]["total"] == 6, "the erased are counted no more"


async def test_a_products_picture_is_re_encoded_and_shown_to_its_session(
    http: Http, cast: Cast
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1200, 600), "#0c6b65").save(out, "PNG")
    async with api(http, cast, cast.tokens["moderator"]) as team:
        png = {"Content-Type": "image/png"}
        picture = (await team.post("/pictures", content=out.getvalue(), headers=png)).json()["id"]
        svg = {"Content-Type": "image/svg+xml"}
        assert (await team.post("/pictures", content=b"<svg/>", headers=svg)).status_code == 415
        assert (await team.post("/pictures", content=b"no", headers=png)).status_code == 422
    product = {"name": "Winter boots", "price": "149 €", "image": picture}
    await announce(http, cast, {"text": "", "product": product})
    async with api(http, cast, cast.tokens["viewer"]) as reader:
        shown = await reader.get(f"/pictures/{picture}")
        assert shown.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(shown.content)) as image:
            assert max(image.size) == 512
    exported = await http.as_owner("GET", f"/sessions/{cast.slug}/export")
    assert exported["announcements"][0]["variants"][0]["product"] == product
    assert [each["id"] for each in exported["pictures"]] == [picture]


async def test_what_cannot_be_announced_changes_nothing(http: Http, cast: Cast) -> None:
    team = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
    link = {"url": "javascript:alert(1)", "label": "Run"}
    wrong: list[list[Json]] = [
        [{"text": "?", "segment": "nobody"}],
        [{"text": "?", "language": "sv"}],
        [{"text": "?"}] * 101,
        [{"text": "?"}] * 1_001,
        [{"text": "?", "link": link}],
        [{"text": "?", "html": "<b>"}],
    ]
    for variants in wrong:
        with pytest.raises(RefusedByServer) as refused:
            await team.say("announce.send", variants=variants)
        assert refused.value.code == "invalid", variants[:1]
    marked = "<b onclick=alert(1)>Hello</b>"
    await team.say("announce.send", variants=[{"text": marked}])
    await team.send_text(json.dumps({"variants": [{"text": "?"}] * 10_000}))
    await team.until(lambda client: client.closed_with == CloseCode.TOO_LARGE)
    await team.close()
    reader = await Client(http.url, cast.slug, cast.tokens["viewer"] or "").open()
    told = reader.snapshot["announcements"]
    assert [each["text"] for each in told] == [marked], "text, and no markup of ours"
    await reader.close()
    kept = (await http.as_owner("GET", f"/sessions/{cast.slug}/export"))["announcements"]
    assert len(kept) == 1


async def test_what_is_scheduled_goes_out_by_itself_and_is_kept_from_viewers_until_then(
    http: Http, cast: Cast
) -> None:
    reader = await Client(http.url, cast.slug, cast.tokens["viewer"] or "").open()
    team = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
    await team.say("announce.save", variants=[{"text": "For another day"}])
    await team.say("announce.save", variants=[{"text": "Last call"}], after_s=1)
    await reader.until(lambda it: any("Last call" in text for text in it.texts))
    assert not [text for text in reader.texts if "For another day" in text]
    await reader.close()
    await team.close()
