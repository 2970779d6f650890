"""The desk over a raw socket: what must not be is refused and changes nothing; what was settled is
in the export."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.http.conftest import Cast, make_cast
from tests.integration.http.test_people import entered
from tests.support.raw_client import Client, Http, Json, RefusedByServer

IDS = 10_000


async def asked(client: Client, text: str) -> Json:
    """The subject of a question that waits."""
    question = (await client.say("question.ask", text=text))["data"]["question"]
    return {"kind": "question", "id": question["id"]}


def numbered(number: int) -> Json:
    return {"subject": {"kind": "question", "id": f"q{number}"}, "revision": 1}


def assign(subject: Json, who: str) -> Json:
    return {"subject": subject, "participant_id": who}


async def decided(client: Client, subject: Json) -> Json:
    told = await client.say("moderation.decide", subject=subject, revision=1, verdict="publish")
    return {"decision_id": told["data"]["decision"]["id"]}


Refused = tuple[str, Json, str]
"""A command, its data, and the code of the refusal."""


def many(*subjects: Json) -> Json:
    return {"verdict": "publish", "subjects": list(subjects)}


def forged(subject: Json, foreign: Json) -> list[Refused]:
    """Decisions on what is not there, not so, or not here."""

    def decide(revision: object = 1, about: Json = subject, verdict: str = "publish") -> Json:
        return {"subject": about, "revision": revision, "verdict": verdict}

    one = {"subject": subject, "revision": 1}
    return [
        ("moderation.decide", decide(about=foreign), "not_found"),
        *(("moderation.decide", decide(revision), "stale") for revision in (0, -1, 2, 2**53)),
        *(("moderation.decide", decide(revision), "invalid") for revision in (1.5, "1", None)),
        ("moderation.decide", decide(verdict="erase"), "invalid"),
        ("moderation.decide_many", many(), "invalid"),
        ("moderation.decide_many", many(one, one), "invalid"),
        ("moderation.decide_many", many(*(numbered(n) for n in range(101))), "invalid"),
        ("moderation.undo", {"group_id": "none"}, "not_found"),
        ("moderation.undo", {"decision_id": "d", "group_id": "none"}, "invalid"),
    ]


def meddling(subject: Json, foreign: Json, here: Cast, there: Cast) -> list[Refused]:
    """What is not a decision, on what is of another session, or with markup."""
    mine, theirs = subject["id"], foreign["id"]
    return [
        ("moderation.claim", {"subject": foreign}, "not_found"),
        ("moderation.assign", assign(foreign, here.ids["host"]), "not_found"),
        ("moderation.assign", assign(subject, there.ids["host"]), "not_found"),
        ("label.define", {"name": "<b>red</b>", "colour": "red"}, "invalid"),
        ("label.define", {"name": "x", "colour": "javascript:1"}, "invalid"),
        ("label.set", {"subject": subject, "labels": ["<script>"]}, "not_found"),
        ("question.edit", {"question_id": mine, "revision": 7, "text": "x"}, "stale"),
        ("question.edit", {"question_id": theirs, "revision": 1, "text": "x"}, "not_found"),
        ("reply.write", {"subject": foreign, "revision": 1, "text": "x"}, "not_found"),
    ]


async def test_what_a_desk_may_not_do_is_refused_and_changes_nothing(http: Http) -> None:
    here = await make_cast(http, title="Here", review="before")
    there = await make_cast(http, title="There", review="before")
    viewer, mod = await entered(http, here, "viewer"), await entered(http, here, "moderator")
    others_viewer = await entered(http, there, "viewer")
    others = await entered(http, there, "moderator")
    subject, foreign = await asked(viewer, "Is it wool?"), await asked(others_viewer, "Is it red?")
    theirs = await asked(others_viewer, "Is it blue?")
    foreign_decision = await decided(others, theirs)
    await mod.until(lambda c: bool(c.events) and c.events[-1]["type"] == "question.held")
    await others.until(lambda c: bool(c.events) and c.events[-1]["type"] == "question.published")
    before, elsewhere = mod.position, others.position

    theirs_or_forged = forged(subject, foreign) + meddling(subject, foreign, here, there)
    refusals = [*theirs_or_forged, ("moderation.undo", foreign_decision, "not_found")]
    for kind, data, code in refusals:
        with pytest.raises(RefusedByServer) as refused:
            await mod.say(kind, **data)
        assert refused.value.code == code, (kind, data)
    swept = await mod.say("moderation.decide_many", **many({"subject": foreign, "revision": 1}))
    assert swept["data"]["each"] == [{"subject": foreign, "code": "not_found"}]
    assert (mod.position, others.position) == (before, elsewhere)

    await too_large(mod, many(*(numbered(n) for n in range(IDS))))
    again = await entered(http, here, "moderator")
    assert again.hello["head"] == before
    assert again.snapshot["labels"] == []
    for client in (again, viewer, others, others_viewer):
        await client.close()


async def too_large(client: Client, data: Json) -> None:
    """Ten thousand at once are more than a frame holds: the connection ends with that."""
    frame = {"id": "big", "type": "moderation.decide_many", "data": data}
    await client.send_text(json.dumps(frame))
    await client.until(lambda c: c.closed_with == 4413)


async def test_a_viewer_has_none_of_the_desks_commands(http: Http, cast: Cast) -> None:
    viewer = await entered(http, cast, "viewer")
    subject = await asked(viewer, "Is it wool?")
    for kind, data in (
        ("moderation.look", {"subject": subject}),
        ("moderation.decide", {"subject": subject, "revision": 1, "verdict": "pick"}),
        ("moderation.undo", {"decision_id": "d"}),
    ):
        with pytest.raises(RefusedByServer) as refused:
            await viewer.say(kind, **data)
        assert refused.value.code == "forbidden", kind
    await viewer.close()


async def test_the_export_names_what_was_answered_promised_and_let_go(http: Http) -> None:
    cast = await make_cast(http, title="Settled")
    viewer, mod = await entered(http, cast, "viewer"), await entered(http, cast, "moderator")
    wool, red, blue = [await asked(viewer, text) for text in ("Wool?", "Red?", "Blue?")]
    due = "2031-01-01T10:00:00Z"
    await mod.say("reply.write", subject=wool, revision=1, text="Half of it.")
    promise = {"question_id": red["id"], "revision": 1, "owner": "Customer care", "due": due}
    with pytest.raises(RefusedByServer):
        await mod.say("question.promise", **promise)
    due = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT12:00:00Z")
    await mod.say("question.promise", **{**promise, "due": due})
    await mod.say("question.let_go", question_id=blue["id"], revision=1, reason="Asked before.")
    exported = await http.as_owner("GET", f"/sessions/{cast.slug}/export?format=json")
    said = {each["id"]: each for each in exported["contributions"]}
    assert (said[wool["id"]]["reply"], said[wool["id"]]["status"]) == ("Half of it.", "answered")
    promised = said[red["id"]]
    assert (promised["promised_by"], promised["promised_until"]) == ("Customer care", due)
    assert said[blue["id"]]["let_go"] == "Asked before."
    for client in (viewer, mod):
        await client.close()
