"""The run of show is planned, and bent while it runs: parts are added, edited, moved, skipped,
stretched, and the show moves from one to the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from live.domain.content import Content
from live.domain.events import Recorded
from live.domain.ids import ContentId, ParticipantId, PartId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.part import (
    AddPart,
    EditPart,
    GoToPart,
    ImportParts,
    MovePart,
    Part,
    PartChanged,
    PartDraft,
    PartEvent,
    PartStatus,
    Plan,
    RemovePart,
    RunshowChanged,
    RunshowMoved,
    ShowRunshow,
    SkipPart,
    StretchPart,
    Words,
)
from live.domain.people import Participant
from live.domain.runshow import FOLDS, parts_of, programme, words_of
from live.domain.session import SessionState
from live.domain.state import RoomState
from live.domain.text import clean_language, clean_text
from live.domain.writing import new_content

PARTS = 100
PARTS_EVER = 1_000
RUNS = 50
TITLE_CHARS = 120
GOAL_CHARS = 300
SCRIPT_CHARS = 4_000
ALL_SCRIPTS_CHARS = 60_000
MINUTES = 600
SEGMENTS = 20

_NO_PART = Refusal("not_found", "There is no such part.")
_NONE_TO_TELL = "Someone else was first"


def add(
    state: RoomState, actor: Participant, command: AddPart, context: Context
) -> Decided | Refusal:
    """One more part, anywhere, also while the show runs."""
    order = _placed(state, None, command.before)
    if isinstance(order, Refusal):
        return order
    made = _made(state, actor, (command.part,), context)
    if isinstance(made, Refusal):
        return made
    (changed,), contents = made
    order = _inserted(order, changed.part_id, command.before)
    events = (changed, RunshowChanged(order, state.runshow.shown, actor.id))
    return _decided(state, context, events, Result(part_id=changed.part_id), contents)


def edit(
    state: RoomState, actor: Participant, command: EditPart, context: Context
) -> Decided | Refusal:
    """All that a part is from now on; the former words are erased."""
    part = _seen(state, command.part_id, command.revision)
    if isinstance(part, Refusal):
        return part
    planned = _planned(state, actor, command.part, context, instead_of=part)
    if isinstance(planned, Refusal):
        return planned
    plan, content = planned
    former = part.plan.content_id
    changed = _changed(replace(part, plan=plan), actor)
    result, erase = Result(part_id=part.id), () if former is None else (former,)
    return _decided(state, context, (changed,), result, (content,), erase)


def move(
    state: RoomState, actor: Participant, command: MovePart, context: Context
) -> Decided | Refusal:
    """To another place; whoever moves another part at the same time moves that one."""
    part = _seen(state, command.part_id, command.revision)
    if isinstance(part, Refusal):
        return part
    order = _placed(state, part.id, command.before)
    if isinstance(order, Refusal):
        return order
    order = _inserted(order, part.id, command.before)
    if order == state.runshow.order:
        return Decided(result=Result(part_id=part.id))
    events = (_changed(part, actor), RunshowChanged(order, state.runshow.shown, actor.id))
    return _decided(state, context, events, Result(part_id=part.id))


def skip(
    state: RoomState, actor: Participant, command: SkipPart, context: Context
) -> Decided | Refusal:
    """It keeps its place, and the show passes it over."""
    part = _seen(state, command.part_id, command.revision)
    if isinstance(part, Refusal):
        return part
    if part.is_on:
        return Refusal("wrong_state", "This part is on: move on to another one.")
    status = PartStatus.SKIPPED if command.on else PartStatus.PLANNED
    if part.status is status:
        return Decided(result=Result(part_id=part.id))
    changed = _changed(replace(part, status=status), actor)
    return _decided(state, context, (changed,), Result(part_id=part.id))


def stretch(
    state: RoomState, actor: Participant, command: StretchPart, context: Context
) -> Decided | Refusal:
    """More minutes or fewer for a part; it is relative, so that nobody's is lost."""
    part = _known(state, command.part_id)
    if part is None:
        return _NO_PART
    minutes = (part.plan.minutes or 0) + command.by_min
    if not 1 <= minutes <= MINUTES:
        return Refusal("invalid", f"A part takes 1 to {MINUTES} minutes.")
    changed = _changed(replace(part, plan=replace(part.plan, minutes=minutes)), actor)
    return _decided(state, context, (changed,), Result(part_id=part.id))


def remove(
    state: RoomState, actor: Participant, command: RemovePart, context: Context
) -> Decided | Refusal:
    """What has been on stays in the history of the show; anything else goes with its words."""
    part = _seen(state, command.part_id, command.revision)
    if isinstance(part, Refusal):
        return part
    if part.runs:
        return Refusal("wrong_state", "This part has been on: it belongs to the show.")
    order = tuple(each for each in state.runshow.order if each != part.id)
    events = (_removed(part, actor), RunshowChanged(order, state.runshow.shown, actor.id))
    erase = () if part.plan.content_id is None else (part.plan.content_id,)
    return _decided(state, context, events, Result(part_id=part.id), erase=erase)


def move_on(
    state: RoomState, actor: Participant, command: GoToPart, context: Context
) -> Decided | Refusal:
    """The clock of one part ends and that of another begins. Two who press “next” at once move on
    by one: the second is told who was first."""
    if state.session.state is not SessionState.LIVE:
        return Refusal("wrong_state", "The clocks run while the show is live.")
    show = state.runshow
    if command.part_id == show.current:
        return Decided(result=Result(part_id=show.current))
    if command.leaving != show.current:
        return _stale(state, show.moved_by, "moved the show on")
    events: list[PartEvent] = []
    if command.part_id is not None:
        part = _known(state, command.part_id)
        if part is None:
            return _NO_PART
        if len(part.runs) >= RUNS:
            return Refusal("overloaded", f"A part can be on {RUNS} times.")
        if part.status is PartStatus.SKIPPED:
            events.append(_changed(replace(part, status=PartStatus.PLANNED), actor))
    events.append(RunshowMoved(command.part_id, show.current, actor.id))
    return _decided(state, context, events, Result(part_id=command.part_id))


def show_runshow(
    state: RoomState, actor: Participant, command: ShowRunshow, context: Context
) -> Decided | Refusal:
    """Whether viewers see what is on and what comes next."""
    if command.on == state.runshow.shown:
        return Decided()
    changed = RunshowChanged(state.runshow.order, command.on, actor.id)
    return _decided(state, context, (changed,))


def import_parts(
    state: RoomState, actor: Participant, command: ImportParts, context: Context
) -> Decided | Refusal:
    """All of them or none."""
    order, gone = state.runshow.order, list[Part]()
    if command.replace:
        if command.revision is not None and command.revision != state.runshow.revision:
            return _stale(state, state.runshow.by, "changed the run of show")
        gone = [part for part in parts_of(state) if not part.runs]
        order = tuple(part.id for part in parts_of(state) if part.runs)
    made = _made(state, actor, command.drafts, context, leaving=gone)
    if isinstance(made, Refusal):
        return made
    changes, contents = made
    events: list[PartEvent] = [_removed(part, actor) for part in gone]
    events += changes
    order = (*order, *(each.part_id for each in changes))
    events.append(RunshowChanged(order, state.runshow.shown, actor.id))
    named = (part.plan.content_id for part in gone)
    erase = tuple(each for each in named if each is not None)
    return _decided(state, context, events, contents=contents, erase=erase)


# --- deciding


def _decided(
    state: RoomState,
    context: Context,
    events: Sequence[PartEvent],
    result: Result | None = None,
    contents: tuple[Content, ...] = (),
    erase: tuple[ContentId, ...] = (),
) -> Decided:
    """These facts, the last of them marked if viewers see something else with them."""
    after = state.fork()
    for each in events:
        FOLDS[type(each)](after, Recorded(after.head + 1, context.now, each), each)
    *others, last = events
    if _sight(after) != _sight(state):
        last = replace(last, seen=True)
    return Decided((*others, last), result or Result(), contents=contents, erase=erase)


def _sight(state: RoomState) -> object:
    """What decides what viewers see."""
    told = programme(state)
    return told and [None if part is None else (part.id, part.plan.content_id) for part in told]


def _known(state: RoomState, part_id: PartId) -> Part | None:
    part = state.parts.get(part_id)
    return None if part is None or part.status is PartStatus.REMOVED else part


def _seen(state: RoomState, part_id: PartId, revision: int) -> Part | Refusal:
    """The part, if it still is as it was seen."""
    part = _known(state, part_id)
    if part is None:
        return _NO_PART
    return part if part.revision == revision else _stale(state, part.by, "changed this part")


def _stale(state: RoomState, by: ParticipantId | None, what: str) -> Refusal:
    who = None if by is None else state.participants.get(by)
    name = None if who is None else who.display_name
    return Refusal("stale", f"{name or _NONE_TO_TELL} {what}.", by=by)


def _placed(
    state: RoomState, part_id: PartId | None, before: PartId | None
) -> tuple[PartId, ...] | Refusal:
    """The order without this part, if ``before`` is a place in it."""
    order = tuple(each for each in state.runshow.order if each != part_id)
    if before is not None and before not in order:
        return Refusal("not_found", "There is no such part to put it before.")
    return order


def _inserted(
    order: tuple[PartId, ...], part_id: PartId, before: PartId | None
) -> tuple[PartId, ...]:
    at = len(order) if before is None else order.index(before)
    return (*order[:at], part_id, *order[at:])


def _changed(part: Part, actor: Participant) -> PartChanged:
    return PartChanged(part.id, part.revision + 1, actor.id, part.status, part.plan)


def _removed(part: Part, actor: Participant) -> PartChanged:
    return _changed(replace(part, status=PartStatus.REMOVED), actor)


def _made(
    state: RoomState,
    actor: Participant,
    drafts: Iterable[PartDraft],
    context: Context,
    *,
    leaving: Sequence[Part] = (),
) -> tuple[tuple[PartChanged, ...], tuple[Content, ...]] | Refusal:
    """New parts and their words."""
    drafts = tuple(drafts)
    if len(state.runshow.order) - len(leaving) + len(drafts) > PARTS:
        return Refusal("overloaded", f"A run of show has {PARTS} parts at most.")
    if len(state.parts) + len(drafts) > PARTS_EVER:
        return Refusal("overloaded", f"{PARTS_EVER} parts were made for this show already.")
    kept = _script_chars(state, leaving)
    if kept + sum(len(each.script) for each in drafts) > ALL_SCRIPTS_CHARS:
        return Refusal("too_long", f"All scripts hold {ALL_SCRIPTS_CHARS} characters together.")
    changes, contents = list[PartChanged](), list[Content]()
    for draft in drafts:
        planned = _planned(state, actor, draft, context)
        if isinstance(planned, Refusal):
            return planned
        plan, content = planned
        part_id = PartId(context.entropy.new_id())
        changes.append(PartChanged(part_id, 1, actor.id, PartStatus.PLANNED, plan))
        contents.append(content)
    return tuple(changes), tuple(contents)


def _script_chars(state: RoomState, without: Iterable[Part]) -> int:
    gone = {part.id for part in without}
    staying = (words_of(state, part) for part in parts_of(state) if part.id not in gone)
    return sum(len(words.script) for words in staying if words is not None)


def _planned(
    state: RoomState,
    actor: Participant,
    draft: PartDraft,
    context: Context,
    *,
    instead_of: Part | None = None,
) -> tuple[Plan, Content] | Refusal:
    """A draft as it may stand, with its words."""
    if draft.minutes is not None and not 1 <= draft.minutes <= MINUTES:
        return Refusal("invalid", f"A part takes 1 to {MINUTES} minutes.")
    segments = tuple(dict.fromkeys(draft.segments))
    if len(segments) > SEGMENTS:
        return Refusal("invalid", f"A part serves {SEGMENTS} segments at most.")
    if any(state.session.segment_is_open(each) is None for each in segments):
        return Refusal("invalid", "There is no such segment.")
    if instead_of is not None:
        others = _script_chars(state, (instead_of,))
        if others + len(draft.script) > ALL_SCRIPTS_CHARS:
            return Refusal("too_long", f"All scripts hold {ALL_SCRIPTS_CHARS} characters together.")
    words = _cleaned(state, draft)
    if isinstance(words, Refusal):
        return words
    said = {"titles": dict(words.titles), "goal": words.goal, "script": words.script}
    text = json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False)
    content, commitment = new_content(state, actor, text, context)
    return Plan(draft.minutes, segments, draft.public, content.id, commitment), content


def _cleaned(state: RoomState, draft: PartDraft) -> Words | Refusal:
    """The words of a draft: a title in at least one language of the show."""
    if not draft.titles:
        return Refusal("empty", "A part has a title.")
    titles: dict[str, str] = {}
    for tag, title in draft.titles.items():
        language = clean_language(tag)
        if language is None or language not in state.session.languages:
            return Refusal("invalid", "This show is not held in that language.")
        cleaned = clean_text(title, TITLE_CHARS)
        if isinstance(cleaned, Refusal):
            return cleaned
        titles[language] = cleaned
    goal = clean_text(draft.goal, GOAL_CHARS) if draft.goal.strip() else ""
    if isinstance(goal, Refusal):
        return goal
    script = _clean_lines(draft.script)
    return script if isinstance(script, Refusal) else Words(titles, goal, script)


def _clean_lines(text: str) -> str | Refusal:
    """A text of several lines, each clean."""
    if len(text) > SCRIPT_CHARS:
        return Refusal("too_long", f"What the host reads in a part has {SCRIPT_CHARS} characters.")
    lines = list[str]()
    for line in text.replace("\r\n", "\n").strip().split("\n"):
        cleaned = clean_text(line, SCRIPT_CHARS) if line.strip() else ""
        if isinstance(cleaned, Refusal):
            return cleaned
        lines.append(cleaned)
    return "\n".join(lines)
