"""A client's fold, on plain JSON: *snapshot + visible events = a later snapshot*.

The same rules as `frontend/src/core/reducer.ts`; the golden files hold both to them. `pulse` is not
part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

MESSAGES = 50
QUESTIONS = 200
PAPERS = 100
KEPT = {"decisions": 50, "staff_says": 50, "reports": 100, "cues": 30}
SIGNED = ("author", "by", "person", "settled_by")
STAFF = {"owner", "host", "moderator"}


def fold(snapshot: Json, events: Iterable[Json]) -> Json:
    """The snapshot after these events; the one given stays as it is."""
    state = deepcopy(snapshot)
    fold_into(state, events)
    return state


def fold_into(state: Json, events: Iterable[Json]) -> None:
    """The same in place, for who holds the only copy."""
    for event in events:
        handler = _HANDLERS.get(event["type"])
        if handler is not None:
            handler(state, event["type"], deepcopy(event["data"]))


def _session(state: Json, _: str, data: Json) -> None:
    state["session"] = data["session"]


def _mode(state: Json, _: str, data: Json) -> None:
    state["mode"] = data["mode"]


def _stage(state: Json, _: str, data: Json) -> None:
    state["stage"] = data["stage"]


def _pins(state: Json, _: str, data: Json) -> None:
    state["pins"] = data["pins"]


# What an item does depends on what it is now, not on which event spoke of it: events are composed
# from the state of the moment they are sent.


def _message(state: Json, kind: str, data: Json) -> None:
    item = data["message"]
    whole = "text" in item
    gone = {"id": item["id"], "status": "removed"}
    shown = item if whole and item["status"] == "published" else gone
    enters = kind == "message.published" and "place" not in data
    _place(state["messages"], shown, item, MESSAGES if enters else 0)
    if whole and item["status"] in {"pending", "refused"}:
        _hold(state, {"kind": "message", **item})
    else:
        _leave(state, item["id"])


def _question(state: Json, kind: str, data: Json) -> None:
    _one_question(state, kind, data, data["question"])


def _merged(state: Json, kind: str, data: Json) -> None:
    _one_question(state, kind, data, data["question"])
    _one_question(state, kind, data, data["into"])


def _one_question(state: Json, kind: str, data: Json, item: Json) -> None:
    whole = "text" in item
    public = item["status"] not in {"pending", "dismissed"}
    staff = state["you"]["role"] in STAFF
    gone = {"id": item["id"], "status": "dismissed"}
    shown = item if whole and (public or staff) else gone
    enters = kind == "question.published" and "place" not in data
    _place(state["questions"]["items"], shown, item, QUESTIONS if enters else 0)
    if "total" in data:
        state["questions"]["total"] = data["total"]
    if whole and not public:
        _hold(state, {"kind": "question", **item})
    else:
        _leave(state, item["id"])


def _vote(state: Json, _: str, data: Json) -> None:
    held = state.get("held", {"items": []})["items"]
    for item in [*state["questions"]["items"], *state["you"]["mine"], *held]:
        if item["id"] == data["question_id"] and "text" in item:
            item["votes"] = data["votes"]


def _ballot(state: Json, _: str, data: Json) -> None:
    _toggle(state["you"], "votes", data["question_id"], on=data["up"])


def _mute(state: Json, _: str, data: Json) -> None:
    _toggle(state["you"], "muted", data["participant_id"], on=data["on"])


def _participant(state: Json, _: str, data: Json) -> None:
    who = data["participant"]
    if who["id"] == state["you"]["id"]:
        state["you"] |= {"display_name": who["display_name"], "role": who["role"]}
    for seat in state["stage"]["seats"]:
        if seat["participant_id"] == who["id"]:
            seat["display_name"] = who["display_name"]
    for author in _authors(state):
        if author["id"] == who["id"]:
            author |= {"display_name": who["display_name"], "role": who["role"]}
            if "segment" in author and "segment" in who:
                author["segment"] = who["segment"]


def _authors(state: Json) -> Iterable[Json]:
    signed = [*state["messages"], *state["questions"]["items"], *state["you"]["mine"]]
    signed += state.get("held", {"items": []})["items"]
    signed += [state["mode"]["shield"] or {}, state["stage"]["slate"] or {}]
    signed += [*state["announcements"], *state["polls"]]
    for name in ("staff_says", "decisions", "claims", "reports", "sanctions", "papers"):
        signed += state.get(name, [])
    for name in ("parts", "cues", "calls"):
        signed += state.get(name, [])
    signed += [*state["you"]["papers"], *state["you"]["sanctions"]]
    for item in signed:
        yield from (item[role] for role in SIGNED if item.get(role) is not None)


def _sanction_key(sanction: Json) -> tuple[str, str]:
    return sanction["participant_id"], sanction["kind"]


def _sanction(state: Json, _: str, data: Json) -> None:
    sanction = data["sanction"]
    lists = [state] if "sanctions" in state else []
    if sanction["participant_id"] == state["you"]["id"]:
        lists.append(state["you"])
    for holder in lists:
        key = _sanction_key(sanction)
        others = [each for each in holder["sanctions"] if _sanction_key(each) != key]
        now = [*others, *([] if data["lifted"] else [sanction])]
        holder["sanctions"] = sorted(now, key=_sanction_key)


def _claim(state: Json, _: str, data: Json) -> None:
    others = [each for each in state["claims"] if each["subject"] != data["subject"]]
    claims = others if data["claim"] is None else [*others, data["claim"]]
    state["claims"] = sorted(
        claims, key=lambda each: (each["subject"]["kind"], each["subject"]["id"])
    )


def _labels(state: Json, _: str, data: Json) -> None:
    state["labels"] = data["labels"]


def _marks(state: Json, _: str, data: Json) -> None:
    held = state["held"]["items"]
    for item in [
        *state["messages"],
        *state["questions"]["items"],
        *state["you"]["mine"],
        *held,
    ]:
        if item["id"] == data["subject"]["id"] and "text" in item:
            for name in ("labels", "assignee"):
                item.pop(name, None)
            item.update(data["marks"])


def _decision(state: Json, _: str, data: Json) -> None:
    _keep(state, "decisions", data["decision"])


def _say(state: Json, _: str, data: Json) -> None:
    _keep(state, "staff_says", data["say"])


def _report(state: Json, _: str, data: Json) -> None:
    _keep(state, "reports", data["report"])


def _report_settled(state: Json, _: str, data: Json) -> None:
    for report in state.get("reports", []):
        if report["id"] == data["report_id"]:
            report["outcome"] = data["outcome"]


def _paper(state: Json, _: str, data: Json) -> None:
    """Among the team's, whose window leaves out none that waits, and among one's own."""
    paper, you = data["paper"], state["you"]
    if "papers" in state:
        kept = _filed(state["papers"], paper)
        others = [each["id"] for each in kept if each["status"] != "waiting"][:-PAPERS]
        state["papers"] = [each for each in kept if each["id"] not in others]
    mine = "person" not in paper or paper["person"]["id"] == you["id"]
    if mine and paper["kind"] != "note":
        you["papers"] = _filed(you["papers"], paper)


def _announcement(state: Json, _: str, data: Json) -> None:
    told = data["announcement"]
    others = [each for each in state["announcements"] if each["id"] != told["id"]]
    known = next((each for each in state["announcements"] if each["id"] == told["id"]), None)
    if told["status"] != "active":
        state["announcements"] = others
    elif known is None or known["revision"] <= told["revision"]:
        state["announcements"] = _filed(state["announcements"], told)


def _runshow(state: Json, _: str, data: Json) -> None:
    state["runshow"] = data["runshow"]
    if "parts" not in data:
        return
    for told in data["parts"]:
        known = next((each for each in state["parts"] if each["id"] == told["id"]), None)
        if known is None or known["revision"] <= told.get("revision", 1 << 53):
            others = [each for each in state["parts"] if each["id"] != told["id"]]
            state["parts"] = others if told["status"] == "removed" else [*others, told]
    places = {part_id: place for place, part_id in enumerate(data["runshow"]["order"])}
    state["parts"].sort(key=lambda each: places.get(each["id"], len(places)))


def _saved(state: Json, _: str, data: Json) -> None:
    told = data["announcement"]
    if "saved_announcements" not in state:
        return
    others = [each for each in state["saved_announcements"] if each["id"] != told["id"]]
    state["saved_announcements"] = _filed(others, told) if told["status"] == "saved" else others


def _call(state: Json, _: str, data: Json) -> None:
    told = data["call"]
    if "person" not in told:
        state["you"]["call"] = told
    if "calls" in state:
        others = [each for each in state["calls"] if each["person"]["id"] != told["person"]["id"]]
        is_open = told["status"] in ("waiting", "backstage", "on_air")
        state["calls"] = _filed(others, told) if is_open else others


def _poll(state: Json, _: str, data: Json) -> None:
    told = data["poll"]
    known = next((each for each in state["polls"] if each["id"] == told["id"]), None)
    if "kind" not in told:
        state["polls"] = [each for each in state["polls"] if each["id"] != told["id"]]
    elif known is None or known["revision"] <= told["revision"]:
        state["polls"] = _filed(state["polls"], told)


def _poll_tallied(state: Json, _: str, data: Json) -> None:
    for poll in state["polls"]:
        if poll["id"] == data["poll_id"]:
            poll["tally"] = data["tally"]


def _poll_answered(state: Json, _: str, data: Json) -> None:
    others = [each for each in state["you"]["ballots"] if each["poll_id"] != data["poll_id"]]
    state["you"]["ballots"] = sorted([*others, data], key=lambda each: each["poll_id"])


def _filed(papers: list[Json], paper: Json) -> list[Json]:
    others = [each for each in papers if each["id"] != paper["id"]]
    return sorted([*others, paper], key=lambda each: (each["at"], each["id"]))


def _keep(state: Json, name: str, item: Json) -> None:
    state[name] = [*state[name], item][-KEPT[name] :]


def _toggle(you: Json, name: str, key: str, *, on: bool) -> None:
    you[name] = sorted({*you[name], key} if on else {*you[name]} - {key})


def _place(items: list[Json], shown: Json, item: Json, window: int) -> None:
    """In its place if it has one here, else at the end of a window that it enters."""
    for index, known in enumerate(items):
        if known["id"] == shown["id"]:
            if item.get("revision", 1 << 53) >= known.get("revision", 0):
                items[index] = shown
            return
    if window:
        items.append(shown)
        del items[:-window]


def _hold(state: Json, item: Json) -> None:
    """Among one's own if one wrote it, and among the team's if it waits for them."""
    if item["author"]["id"] == state["you"]["id"]:
        state["you"]["mine"] = _with(state["you"]["mine"], item)
    if "held" in state:
        items = state["held"]["items"]
        waits = item["status"] == "pending"
        _set_held(state, _with(items, item) if waits else _without(items, item["id"]))


def _leave(state: Json, item_id: str) -> None:
    state["you"]["mine"] = _without(state["you"]["mine"], item_id)
    if "held" in state:
        _set_held(state, _without(state["held"]["items"], item_id))


def _set_held(state: Json, items: list[Json]) -> None:
    state["held"] = {"items": items, "total": len(items)}


def _screen(state: Json, _: str, data: Json) -> None:
    state["screen"] = data["screen"]


def _with(items: list[Json], item: Json) -> list[Json]:
    known = next((each for each in items if each["id"] == item["id"]), None)
    if known is not None and known["revision"] > item["revision"]:
        return items
    changed = [*_without(items, item["id"]), item]
    return sorted(changed, key=lambda each: (each["at"], each["id"]))


def _without(items: list[Json], item_id: str) -> list[Json]:
    return [each for each in items if each["id"] != item_id]


def _proposed(state: Json, _: str, data: Json) -> None:
    if "proposals" in state:
        others = [each for each in state["proposals"] if each["id"] != data["proposal"]["id"]]
        state["proposals"] = [*others, data["proposal"]]


def _settled(state: Json, _: str, data: Json) -> None:
    if "proposals" in state:
        state["proposals"] = [
            each for each in state["proposals"] if each["id"] != data["proposal_id"]
        ]


def _listening(state: Json, _: str, data: Json) -> None:
    if "listening" in state:
        state["listening"] = data["listening"]


def _cue(state: Json, _: str, data: Json) -> None:
    if "cues" in state:
        told = data["cue"]
        known = [told if each["id"] == told["id"] else each for each in state["cues"]]
        more = [] if any(each["id"] == told["id"] for each in state["cues"]) else [told]
        state["cues"] = [*known, *more][-KEPT["cues"] :]


def _cueing(state: Json, _: str, data: Json) -> None:
    if "cueing" in state:
        state["cueing"] = data["cueing"]


_HANDLERS: dict[str, Callable[[Json, str, Json], None]] = {
    "session.changed": _session,
    "mode.changed": _mode,
    "stage.changed": _stage,
    "call.changed": _call,
    "pin.changed": _pins,
    "screen.changed": _screen,
    "message.published": _message,
    "message.held": _message,
    "message.refused": _message,
    "message.edited": _message,
    "message.removed": _message,
    "question.published": _question,
    "question.held": _question,
    "question.changed": _question,
    "question.split": _question,
    "question.merged": _merged,
    "vote.tallied": _vote,
    "ballot.cast": _ballot,
    "person.muted": _mute,
    "participant.changed": _participant,
    "sanction.set": _sanction,
    "labels.changed": _labels,
    "subject.marked": _marks,
    "claim.changed": _claim,
    "decision.made": _decision,
    "staff.said": _say,
    "report.filed": _report,
    "report.settled": _report_settled,
    "paper.changed": _paper,
    "announcement.sent": _announcement,
    "announcement.changed": _announcement,
    "part.changed": _runshow,
    "runshow.changed": _runshow,
    "runshow.moved": _runshow,
    "announcement.saved": _saved,
    "poll.prepared": _poll,
    "poll.opened": _poll,
    "poll.closed": _poll,
    "poll.changed": _poll,
    "poll.tallied": _poll_tallied,
    "poll.answered": _poll_answered,
    "proposal.raised": _proposed,
    "proposal.settled": _settled,
    "listening.changed": _listening,
    "cue.raised": _cue,
    "cue.settled": _cue,
    "cues.tuned": _cueing,
}


def differences(one: Any, other: Any, path: str = "$") -> list[str]:
    """Where two JSON values differ, a line each."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted({*one, *other})
            for line in differences(one.get(key, _ABSENT), other.get(key, _ABSENT), f"{path}.{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            line
            for index, pair in enumerate(zip(one, other, strict=True))
            for line in differences(*pair, f"{path}[{index}]")
        ]
    return [] if one == other else [f"{path}: {one} != {other}"]


_ABSENT = "absent"
