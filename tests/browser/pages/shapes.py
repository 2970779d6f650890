"""Wire shapes as the server would send them, for tests to change what they are about."""

from typing import Any

Json = Any
AT = "2026-11-20T19:30:00.000Z"

PEOPLE = {
    "renard-vif": "customer",
    "Do Nguyen": "prospect",
    "Hana": "influencer",
    "Jules": "ambassador",
    "visiteur-40": "general",
}


def author(name: str, role: str = "viewer") -> Json:
    """A person of the audience, as staff see them."""
    who = {"id": f"p-{name}", "display_name": name, "role": role}
    return {**who, "segment": PEOPLE.get(name, "general")}


def message(id: str, text: str, name: str = "renard-vif", **change: Json) -> Json:
    """A chat line, published unless told otherwise."""
    base = {"id": id, "revision": 1, "status": "published", "text": text, "language": "fr"}
    rest = {"author": author(name), "at": AT, "edited": False}
    return {**base, **rest, **change}


def question(id: str, text: str, name: str = "renard-vif", **change: Json) -> Json:
    """A question, published unless told otherwise."""
    return {**message(id, text, name), "votes": 0, "asked_by": 1, "asked_in": ["en"], **change}


def you(role: str) -> Json:
    """The person at this browser."""
    who = {"id": "me", "role": role, "display_name": "Lise Martin"}
    return {**who, "segment": "general", "language": "fr"}


def stage_of(*seats: Json) -> Json:
    """These seats, and all else on the stage as it is by itself."""
    return {"seats": list(seats), "closed": False, "locked": [], "slate": None}


def snapshot(role: str = "moderator", **change: Json) -> Json:
    """All that someone of the team may know of a live session."""
    session = {
        "slug": "hiver",
        "title": "La collection d’hiver, en vrai",
        "state": "live",
        "starts_at": None,
        "languages": ["fr", "en"],
        "segments": [],
        "review": "before",
        "visibility": "public",
        "live_since": AT,
        "ended_at": None,
    }
    base = {
        "session": session,
        "you": {
            **you(role),
            "mine": [],
            "votes": [],
            "muted": [],
            "sanctions": [],
            "papers": [],
            "ballots": [],
        },
        "messages": [],
        "questions": {"items": [], "total": 0},
        "polls": [],
        "announcements": [],
        "pins": [],
        "mode": {
            "review": "before",
            "slow_s": 0,
            "members_only": False,
            "emoji_only": False,
            "links": True,
        },
        "stage": stage_of(),
        "held": {"items": [], "total": 0},
        "claims": [],
        "cues": [],
        "cueing": {"on": True, "sensitivity": "normal", "off": [], "calm_s": 15},
        "reports": [],
        "sanctions": [],
        "staff_says": [],
        "decisions": [],
    }
    return {**base, **change}


def hello(told: Json, head: int = 100) -> Json:
    """The first frame of a connection."""
    who = {key: told["you"][key] for key in ("id", "role", "display_name", "segment", "language")}
    reconnect = {"min_ms": 20, "max_ms": 40}
    frame = {"t": "hello", "protocol": 1, "epoch": "e1", "head": head, "you": who}
    return {**frame, "snapshot": told, "reconnect": reconnect}
