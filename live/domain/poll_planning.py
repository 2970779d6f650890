"""From a draft of the team's to a plan: what makes a poll that can be asked."""

from __future__ import annotations

import json
from collections.abc import Iterable

from live.domain.announcement import Variant
from live.domain.content import Content
from live.domain.outcome import Context, Refusal
from live.domain.people import Participant
from live.domain.poll import Addressee, Asked, Plan, PollKind
from live.domain.poll_commands import DraftPoll, DraftQuestion
from live.domain.state import RoomState
from live.domain.text import clean_text, plain
from live.domain.variants import segment_refusal, spoken, variants_of

QUESTION_CHARS = 300
OPTION_CHARS = 100
OPTIONS = (2, 20)
POINTS = (5, 10)
WORDS_MOST = 5
ADDRESSEES_MOST = 100
LONGEST_S = 86_400.0
SHORTEST_S = 5.0


def planned(
    state: RoomState, actor: Participant, draft: DraftPoll, context: Context
) -> tuple[Plan, tuple[Content, ...]] | Refusal:
    """The plan and its words, or why it is none."""
    options = _options(draft)
    if isinstance(options, Refusal):
        return options
    most = _most(draft, len(options))
    if isinstance(most, Refusal):
        return most
    audience = _audience(state, draft.audience)
    if isinstance(audience, Refusal):
        return audience
    refusal = _right_refusal(draft, options) or duration_refusal(draft.for_s)
    if refusal is not None:
        return refusal
    written = variants_of(state, actor, draft.variants, lambda each: _said(draft, each), context)
    if isinstance(written, Refusal):
        return written
    variants, contents = written
    plan = Plan(
        kind=draft.kind,
        variants=variants,
        options=options,
        most=most,
        right=tuple(each for each in options if each in draft.right),
        named=draft.named,
        results=draft.results,
        audience=audience,
        for_s=draft.for_s,
    )
    return plan, contents


def duration_refusal(for_s: float | None) -> Refusal | None:
    """Why a poll cannot stay open for so long."""
    if for_s is None or SHORTEST_S <= for_s <= LONGEST_S:
        return None
    return Refusal("invalid", f"A poll is open for {SHORTEST_S:g} to {LONGEST_S:g} seconds.")


def asked(state: RoomState, variant: Variant) -> Asked | None:
    """What a variant says; None where its words are erased."""
    text = state.text(variant.content_id)
    if text is None:
        return None
    said = json.loads(text)
    return Asked(
        said["question"], tuple(said.get("options", ())), said.get("low"), said.get("high")
    )


def _options(draft: DraftPoll) -> tuple[str, ...] | Refusal:
    """The identifiers: the same in every language."""
    if draft.kind is PollKind.WORDS:
        count = 0
    elif draft.kind is PollKind.SCALE:
        count = draft.points or POINTS[0]
        if count not in POINTS:
            return Refusal("invalid", f"A scale has {POINTS[0]} or {POINTS[1]} points.")
    else:
        least, most = OPTIONS
        count = len(draft.variants[0].options) if draft.variants else 0
        if not least <= count <= most:
            return Refusal("invalid", f"A poll has {least} to {most} options.")
    if draft.points is not None and draft.kind is not PollKind.SCALE:
        return Refusal("invalid", "Only a scale has points.")
    written = 0 if draft.kind is PollKind.SCALE else count
    if any(len(each.options) != written for each in draft.variants):
        return Refusal("invalid", "All variants have the same options, in the same order.")
    return tuple(str(number) for number in range(1, count + 1))


def _most(draft: DraftPoll, options: int) -> int | Refusal:
    """How much a ballot may hold."""
    most = draft.most
    if draft.kind in (PollKind.SINGLE, PollKind.SCALE):
        return 1 if most in (None, 1) else Refusal("invalid", "One choice is the most here.")
    if draft.kind is PollKind.WORDS:
        limit, usual = WORDS_MOST, 1
    elif draft.kind is PollKind.QUIZ:
        limit, usual = options, max(len(draft.right), 1)
    else:
        limit, usual = options, options
    if not 1 <= (usual if most is None else most) <= limit:
        return Refusal("invalid", f"1 to {limit} choices are possible.")
    return usual if most is None else most


def _right_refusal(draft: DraftPoll, options: tuple[str, ...]) -> Refusal | None:
    if draft.kind is not PollKind.QUIZ:
        return Refusal("invalid", "Only a quiz has right answers.") if draft.right else None
    if not draft.right or not set(draft.right) <= set(options):
        return Refusal("invalid", "A quiz names its right answers among its options.")
    if draft.most is not None and draft.most < len(set(draft.right)):
        return Refusal("invalid", "A ballot must be able to hold all right answers.")
    return None


def _audience(
    state: RoomState, addressees: tuple[Addressee, ...]
) -> tuple[Addressee, ...] | Refusal:
    if len(addressees) > ADDRESSEES_MOST:
        return Refusal("invalid", f"{ADDRESSEES_MOST} groups are the most.")
    found: dict[Addressee, None] = {}
    for each in addressees:
        refusal = segment_refusal(state, each.segment)
        if refusal is not None:
            return refusal
        language = None if each.language is None else spoken(state, each.language)
        if isinstance(language, Refusal):
            return language
        found[Addressee(each.segment, language)] = None
    return tuple(found)


def _said(draft: DraftPoll, each: DraftQuestion) -> str | Refusal:
    """The words of a variant as they are kept, if they may be said."""
    question = clean_text(each.question, QUESTION_CHARS)
    if isinstance(question, Refusal):
        return question
    said: dict[str, object] = {"question": question}
    options = _cleaned(each.options)
    if isinstance(options, Refusal):
        return options
    if len({plain(option) for option in options}) < len(options):
        return Refusal("invalid", "Two options read the same.")
    if options:
        said["options"] = options
    ends = {"low": each.low, "high": each.high}
    for name, end in ends.items():
        if end is None:
            continue
        if draft.kind is not PollKind.SCALE:
            return Refusal("invalid", "Only a scale has ends.")
        label = clean_text(end, OPTION_CHARS)
        if isinstance(label, Refusal):
            return label
        said[name] = label
    return json.dumps(said, ensure_ascii=False)


def _cleaned(options: Iterable[str]) -> list[str] | Refusal:
    cleaned: list[str] = []
    for option in options:
        text = clean_text(option, OPTION_CHARS)
        if isinstance(text, Refusal):
            return text
        cleaned.append(text)
    return cleaned
