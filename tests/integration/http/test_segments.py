"""Segments of a session's own: the owner names them, people choose or are given them."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http, RefusedByServer

VIP = {"id": "customer/vip", "names": {"en": "Regulars", "fr": "Habitués"}, "colour": "violet"}
KNITTERS = {"id": "knitters", "names": {"en": "Knitters"}, "description": "They knit", "open": True}


async def test_segments_are_named_by_the_owner_chosen_at_the_door_or_given(
    http: Http, cast: Cast
) -> None:
    path = f"/sessions/{cast.slug}"
    told = await http.as_owner("PATCH", path, segments=[VIP, KNITTERS])
    assert told["segments"][5:] == [
        {**VIP, "open": False, "name": "Regulars"},
        {**KNITTERS, "name": "Knitters"},
    ]
    [listed] = [
        each
        for each in (await http.as_owner("GET", "/sessions"))["sessions"]
        if each["slug"] == cast.slug
    ]
    assert [each["id"] for each in listed["segments"]] == ["customer/vip", "knitters"]

    chose = await http.join(cast.slug, segment="knitters")
    assert chose["participant"]["segment"] == "knitters"
    with pytest.raises(httpx.HTTPStatusError) as forged:
        await http.join(cast.slug, segment="customer/vip")
    assert forged.value.response.json()["code"] == "segment_closed"
    viewer = await Client(http.url, cast.slug, chose["token"]).open()
    with pytest.raises(RefusedByServer) as refused:
        await viewer.say("profile.set", segment="customer/vip")
    assert refused.value.code == "segment_closed"

    invite = await http.as_owner("POST", f"{path}/invites", role="viewer", segment="customer/vip")
    invited = await http.join(cast.slug, invite=invite["token"])
    assert invited["participant"]["segment"] == "customer/vip"

    team = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
    variants = [
        {"text": "For customers", "segment": "customer"},
        {"text": "For knitters", "segment": "knitters"},
    ]
    await team.say("announce.send", variants=variants)
    me = chose["participant"]["id"]
    await viewer.until(lambda it: any("For knitters" in text for text in it.texts))
    await team.say("participant.place", participant_id=me, segment="customer/vip")
    await viewer.until(
        lambda it: [each["text"] for each in it.snapshot["announcements"]] == ["For customers"]
    )
    assert not [text for text in viewer.texts[-1:] if "For knitters" in text]
    await viewer.close()
    await team.close()

    orphan = {"id": "nobody/vip", "names": {"en": "?"}}
    with pytest.raises(httpx.HTTPStatusError) as wrong:
        await http.as_owner("PATCH", path, segments=[orphan])
    assert wrong.value.response.json()["code"] == "invalid"
    kept = await http.call("GET", path, cast.tokens["viewer"])
    assert len(kept["segments"]) == 7


async def test_a_session_is_made_with_its_segments_or_not_at_all(http: Http) -> None:
    made = await http.new_session(segments=[VIP, KNITTERS])
    assert (await http.join(made["slug"], segment="knitters"))["participant"]["role"] == "viewer"
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await http.new_session(slug="part-of-nothing", segments=[{**VIP, "id": "nobody/vip"}])
    assert refused.value.response.json()["code"] == "invalid"
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await http.call("GET", "/sessions/part-of-nothing")
