"""Words for cohorts: drafts become variants, one a cohort at most, with their erasable texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from live.domain.announcement import Variant
from live.domain.content import Content
from live.domain.outcome import Context, Refusal
from live.domain.people import Participant
from live.domain.state import RoomState
from live.domain.text import clean_language
from live.domain.writing import new_content


class Draft(Protocol):
    """Words for a ``segment`` (None: everyone) in a ``language`` (None: the session's first)."""

    @property
    def segment(self) -> str | None: ...

    @property
    def language(self) -> str | None: ...


D = TypeVar("D", bound=Draft)


def variants_of(
    state: RoomState,
    actor: Participant,
    drafts: Sequence[D],
    said: Callable[[D], str | Refusal],
    context: Context,
) -> tuple[tuple[Variant, ...], tuple[Content, ...]] | Refusal:
    """The variants and their contents; ``said`` gives what a draft's content holds."""
    if not 1 <= len(drafts) <= context.limits.variants:
        return Refusal("invalid", f"There are 1 to {context.limits.variants} variants.")
    variants: dict[tuple[str | None, str], Variant] = {}
    contents: list[Content] = []
    for draft in drafts:
        cohort = cohort_of(state, draft)
        if isinstance(cohort, Refusal):
            return cohort
        if cohort in variants:
            return Refusal("invalid", "Two variants are for the same people.")
        text = said(draft)
        if isinstance(text, Refusal):
            return text
        content, commitment = new_content(state, actor, text, context)
        contents.append(content)
        variants[cohort] = Variant(*cohort, content.id, commitment)
    return tuple(variants.values()), tuple(contents)


def segment_refusal(state: RoomState, segment: str | None) -> Refusal | None:
    """Why nothing can be for this segment; None is everyone."""
    if segment is not None and state.session.segment_is_open(segment) is None:
        return Refusal("invalid", "There is no such segment.")
    return None


def spoken(state: RoomState, language: str) -> str | Refusal:
    """One of the session's languages, in its usual case."""
    cleaned = clean_language(language)
    if cleaned is None or cleaned not in state.session.languages:
        return Refusal("invalid", "This show is not held in that language.")
    return cleaned


def cohort_of(state: RoomState, draft: Draft) -> tuple[str | None, str] | Refusal:
    refusal = segment_refusal(state, draft.segment)
    if refusal is not None:
        return refusal
    if draft.language is None:
        return draft.segment, state.session.languages[0]
    language = spoken(state, draft.language)
    return language if isinstance(language, Refusal) else (draft.segment, language)
