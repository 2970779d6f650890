"""The real models behind a real server: what they hear, over sockets, and what breaks nothing.

What each judgement is worth is measured in ``benchmarks.ear``; what each part does when it fails
stands beside its unit. Here all of it works together, with nothing scripted.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from moderation.ear.lines import shipped
from tests.support.raw_client import Json
from tests.support.real_ear import MANY, Show, SlowDisk, ear_of, show_on
from tests.support.running import Server

REFUSED = "les montres dorées de mon cousin partent à moitié prix ce soir"
VARIANTS = (
    "montres dorées de mon cousin, ce soir elles partent à moitié prix",
    "ce soir les montres dorées du cousin partent toutes à moitié prix",
    "mon cousin : ses montres dorées partent à moitié prix, ce soir",
)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> SlowDisk:
    return SlowDisk(tmp_path_factory.mktemp("real-ear") / "data" / "ear")


@pytest.fixture(scope="module")
def server(disk: SlowDisk) -> Iterator[Server]:
    """Its ear waits for its memory until the first test of it lets it have that."""
    disk.hold_back()
    server = Server(disk.folder.parent, MANY)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
async def show(server: Server) -> AsyncIterator[Show]:
    async with show_on(server) as show:
        yield show


async def ready(show: Show, disk: SlowDisk) -> Json:
    """The ear with its models, whichever test comes first."""
    if (await show.ear())["models"] != "ready":
        await disk.deliver()
    return await show.until_ear(lambda now: now["models"] == "ready")


async def test_while_the_ear_loads_the_chat_goes_on_and_the_desk_is_told(
    show: Show, disk: SlowDisk
) -> None:
    assert (await show.ear())["models"] == "loading"
    said = await show.post("bonsoir à toutes et à tous")
    assert said["status"] == "published"
    assert (await show.post("espèce d'1d10t"))["status"] == "pending"
    assert (await show.ear())["models"] == "loading"

    now = await ready(show, disk)
    assert (now["trouble"], now["decisions"]) == ([], 0)


async def forty_decisions(show: Show) -> None:
    """As many as scores need, on lines of every kind."""
    unwanted = [line for line in shipped().chat if line.mod != "ok"][:20]
    wanted = [line for line in shipped().chat if line.mod == "ok"][:20]
    writer = await show.writer()
    await show.moderator.say("mode.set", review="before")
    for line in [*unwanted, *wanted]:
        waiting = await show.post(line.text, writer)
        assert waiting["status"] == "pending"
        await show.decide(waiting, "publish" if line.mod == "ok" else "refuse")
    await show.moderator.say("mode.set", review="after")


async def test_m11_a_refused_lines_variant_is_held_with_score_and_evidence_until_the_undo(
    show: Show, disk: SlowDisk
) -> None:
    before = (await ready(show, disk))["decisions"]
    await forty_decisions(show)
    await show.until_ear(lambda now: now["decisions"] == before + 40)

    refused, card = await show.heard(show.post, REFUSED)
    assert refused["status"] == "published", "nothing speaks against it so far"
    assert card["score"] < 0.5
    decision = await show.decide(refused, "remove")
    await show.until_ear(lambda now: now["decisions"] == before + 41)

    held, card = await show.heard(show.post, VARIANTS[0])
    assert held["status"] == "pending"
    assert "score" not in held
    assert "hints" not in held
    assert [reason["code"] for reason in card["reasons"]] == ["filter"]
    assert card["score"] >= 0.5
    weighed = card["hints"]["weighed"]
    assert {"kind": "message", "id": refused["id"]} in [each.get("like") for each in weighed]
    assert all(each["weight"] > 0 for each in weighed)
    assert any(each.get("words") for each in weighed)

    await show.moderator.say("moderation.undo", decision_id=decision)
    await show.until_ear(lambda now: now["decisions"] == before + 40 and not now["replaying"])
    again, card = await show.heard(show.post, VARIANTS[1])
    assert again["status"] == "published"
    assert card["score"] < 0.5


async def test_m12_a_question_asked_in_two_languages_is_proposed_as_one(
    show: Show, disk: SlowDisk
) -> None:
    await ready(show, disk)
    await show.ask("Quelle est la couleur de la doublure ?")
    english = await show.ask("Do you deliver to Belgium?")
    french = await show.ask("Vous livrez en Belgique ?")

    def raised(_: object) -> Json | None:
        told = [each for each in show.moderator.events if each["type"] == "proposal.raised"]
        return told[0]["data"]["proposal"] if told else None

    proposal = await show.moderator.until(raised)
    assert (proposal["into"], proposal["from"]) == (english["id"], french["id"])
    assert 0 < proposal["similarity"] <= 1
    assert not proposal["identical"]
    await show.moderator.say("proposal.settle", proposal_id=proposal["id"], same=True)

    def merged(_: object) -> Json | None:
        told = [each for each in show.moderator.events if each["type"] == "question.merged"]
        return told[0]["data"]["into"] if told else None

    one = await show.moderator.until(merged)
    assert (one["id"], one["asked_by"]) == (english["id"], 2)
    assert sorted(one["asked_in"]) == ["en", "fr"]


async def test_m16_a_question_is_heard_without_its_mark_and_sent_to_its_desk_with_the_reason(
    show: Show, disk: SlowDisk
) -> None:
    await ready(show, disk)
    _, asks = await show.heard(show.post, "combien coûte le manteau rouge")
    assert asks["hints"]["question"] > 0.5
    assert asks["language"] == "fr"
    _, english = await show.heard(show.post, "lovely evening, hello from Leeds")
    assert english["hints"]["question"] < 0.5
    assert english["language"] == "en"

    _, by_words = await show.heard(show.ask, "Mon colis est arrivé cassé, que faire ?")
    desk = by_words["hints"]["desk"]
    assert (desk["value"], desk["why"]) == ("after_sales", "words")
    assert desk["evidence"] in by_words["text"]
    _, by_topic = await show.heard(show.ask, "Pourquoi je n'entends plus rien du tout ?")
    desk = by_topic["hints"]["desk"]
    assert (desk["value"], desk["why"]) == ("after_sales", "topic")
    assert desk["evidence"] == "sound_and_picture"


async def test_killed_the_ear_is_started_again_and_the_phases_decide_meanwhile(
    show: Show, server: Server, disk: SlowDisk
) -> None:
    known = (await ready(show, disk))["decisions"]
    await show.decide(await show.post(VARIANTS[2]), "remove")
    await show.until_ear(lambda now: now["decisions"] == known + 1)
    killed = ear_of(server)
    os.kill(killed, signal.SIGSTOP)
    disk.hold_back()
    os.kill(killed, signal.SIGKILL)

    assert (await show.post("et ça continue"))["status"] == "published"
    assert (await show.post("espèce d'1d10t"))["status"] == "pending"
    await show.until_ear(lambda now: now["models"] == "restarting")
    await disk.deliver()
    now = await show.until_ear(lambda now: now["models"] == "ready")
    assert now["decisions"] == known + 1, "what was learned a moment before is known"
    assert ear_of(server) != killed


async def test_on_a_full_disk_it_learns_on_in_memory_and_the_desk_is_told(
    show: Show, server: Server, disk: SlowDisk
) -> None:
    known = (await ready(show, disk))["decisions"]
    ear = ear_of(server)
    hard = resource.prlimit(ear, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(ear, resource.RLIMIT_FSIZE, (0, hard))
    await show.decide(await show.post("venez tous voir mon autre direct"), "remove")
    now = await show.until_ear(lambda now: "state_unwritable" in now["trouble"])
    assert (now["models"], now["decisions"]) == ("ready", known + 1)
    held, _ = await show.heard(show.post, "venez voir mon autre direct, tous")
    assert held["status"] == "pending"

    resource.prlimit(ear, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    await show.http.as_owner("DELETE", "/ear/filter")
    now = await show.until_ear(lambda now: "state_unwritable" not in now["trouble"])
    assert now["decisions"] == 0
