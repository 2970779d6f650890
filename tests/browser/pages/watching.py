"""What a viewer's browser is told, for tests of the viewer's page."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.browser.pages import shapes
from tests.browser.pages.staged import Answer, Stage, problem

Json = Any
SEGMENTS = [{"id": each, "open": True} for each in ("customer", "prospect", "general")]
STAFF_ONLY = ("held", "claims", "cues", "reports", "sanctions", "staff_says", "decisions")
SEAT = {
    "seat": "host",
    "participant_id": "p-host",
    "display_name": "Camille",
    "state": "on_air",
    "audio": True,
    "video": True,
    "since": shapes.AT,
    "muted": False,
    "mids": {"video": "0", "audio": "4"},
}


def guest(place: int, name: str, **change: Json) -> Json:
    """The `place`-th guest on air."""
    who = {"seat": f"guest-{place}", "participant_id": f"p-{name}", "display_name": name}
    return {**SEAT, **who, "mids": {"video": f"{place}", "audio": f"{place + 4}"}, **change}


def public(item: Json) -> Json:
    """A message or question without what only the team knows of its author."""
    author = {key: value for key, value in item["author"].items() if key != "segment"}
    return {**item, "author": author}


def message(key: str, text: str, name: str = "renard-vif", **change: Json) -> Json:
    return public(shapes.message(key, text, name, **change))


def question(key: str, text: str, name: str = "renard-vif", **change: Json) -> Json:
    return public(shapes.question(key, text, name, **change))


def mine(kind: str, key: str, text: str, **change: Json) -> Json:
    """Something of one's own that is held or refused."""
    base = question(key, text) if kind == "question" else message(key, text)
    author = {"id": "me", "display_name": "Lise Martin", "role": "viewer"}
    return {**base, "kind": kind, "status": "pending", "author": author, **change}


def snapshot(state: str = "live", **change: Json) -> Json:
    """All that a viewer may know."""
    told = shapes.snapshot("viewer")
    for name in STAFF_ONLY:
        told.pop(name, None)
    told["session"] = {**told["session"], "state": state, "segments": SEGMENTS}
    told["you"] = {**shapes.you("viewer"), "mine": [], "votes": [], "muted": []}
    told["you"] |= {"sanctions": [], "papers": []}
    you = {**told["you"], **change.pop("you", {})}
    session = {**told["session"], **change.pop("session", {})}
    return {**told, **change, "you": you, "session": session}


def questions(*items: Json) -> Json:
    return {"items": list(items), "total": len(items)}


async def watch(
    browser: Browser,
    told: Json,
    *,
    answers: Mapping[str, Answer | list[Answer]] | None = None,
    replies: dict[str, Json] | None = None,
    language: str = "en-GB",
    scripts: Iterable[Path] = (),
    before: str = "",
    **options: Any,
) -> Stage:
    """A viewer's page, phone-sized unless told otherwise, whose socket has said `told`.

    Nobody publishes, and the question what brings one here is answered, unless told otherwise.
    ``before`` and then ``scripts`` run before the page's own.
    """
    settings = {"viewport": {"width": 390, "height": 844}, "locale": language, **options}
    asked = settings.pop("segment_asked", True)
    context = await browser.new_context(timezone_id="Europe/Paris", **settings)
    page = await context.new_page()
    if asked:
        await page.add_init_script("localStorage.setItem('causerie.segment_asked.hiver', '1')")
    await page.add_init_script(before)
    for script in scripts:
        await page.add_init_script(path=script)
    you = {key: told["you"][key] for key in ("id", "role", "display_name", "segment", "language")}
    about = {"brand": {"name": "Maison Orme", "logo_url": None}, "description": None}
    stage = Stage(
        page,
        {
            "POST /sessions/hiver/join": Answer({"participant": you, "token": "t"}),
            "GET /sessions/hiver": Answer(about),
            "POST /sessions/hiver/whep": problem(409, "not_publishing"),
            "GET /sessions/hiver/messages": Answer({"items": [], "next_before": None}),
            **(answers or {}),
        },
    )
    stage.hello = shapes.hello(told)
    stage.replies = replies or {}
    await stage.open("/s/hiver", "viewer")
    return stage
