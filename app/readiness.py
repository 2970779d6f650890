"""What is not ready yet, as a rehearsal showed: each with the page where it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten
from typing import Literal

from msgspec import UNSET, UnsetType

from app.prepared import saved_announcements
from live.domain.part import PartStatus
from live.domain.question import QuestionStatus
from live.domain.runshow import parts_of, words_of
from live.domain.state import RoomState
from live.domain.wording import wording
from live.wire.shapes import Shape

Lack = Literal[
    "no_parts",
    "part_without_minutes",
    "part_without_script",
    "part_without_title",
    "parts_not_shown",
    "part_not_tried",
    "no_question_answered",
    "messages_left",
    "camera_not_tried",
    "announcement_without_language",
]


class Unready(Shape, frozen=True):
    """One thing: ``title`` of the part, ``language`` that people speak and there is no title in,
    ``count`` of what was left. ``path`` leads to where it is mended."""

    code: Lack
    path: str
    title: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    count: int | UnsetType = UNSET


def unready(state: RoomState, slug: str, *, camera_was_on: bool) -> list[Unready]:
    """Of a rehearsal's state; ``slug`` is that of the show itself."""
    host, desk = f"/s/{slug}/host", f"/s/{slug}/moderate"
    found = [*_parts(state, host), *_announcements(state, desk)]
    if not camera_was_on:
        found.append(Unready(code="camera_not_tried", path=host))
    statuses = {question.status for question in state.questions.values()}
    if QuestionStatus.ANSWERED not in statuses:
        found.append(Unready(code="no_question_answered", path=host))
    waiting = len(state.held)
    if waiting:
        found.append(Unready(code="messages_left", path=desk, count=waiting))
    return found


def _parts(state: RoomState, path: str) -> Iterator[Unready]:
    parts = [part for part in parts_of(state) if part.status is PartStatus.PLANNED]
    if not parts:
        yield Unready(code="no_parts", path=path)
        return
    if not state.runshow.shown:
        yield Unready(code="parts_not_shown", path=path)
    spoken = sorted(_spoken(state))
    default = state.session.languages[0]
    for part in parts:
        words = words_of(state, part)
        titles = {} if words is None else words.titles
        title = titles.get(default) or next(iter(titles.values()), "")
        if part.plan.minutes is None:
            yield Unready(code="part_without_minutes", path=path, title=title)
        if words is None or not words.script:
            yield Unready(code="part_without_script", path=path, title=title)
        if not part.runs:
            yield Unready(code="part_not_tried", path=path, title=title)
        for language in spoken:
            if part.plan.public and language not in titles:
                yield Unready(code="part_without_title", path=path, title=title, language=language)


def _announcements(state: RoomState, path: str) -> Iterator[Unready]:
    default = state.session.languages[0]
    for announcement in saved_announcements(state):
        said = wording(state, announcement.variants[0])
        title = shorten("" if said is None else said.text, 60, placeholder="…")
        for language in sorted(_spoken(state) - {each.language for each in announcement.variants}):
            if language != default:
                yield Unready(
                    code="announcement_without_language", path=path, title=title, language=language
                )


def _spoken(state: RoomState) -> set[str]:
    """The show's languages that somebody in it reads."""
    people = (each for each in state.participants.values() if not each.role.is_staff)
    return {each.language for each in people} & set(state.session.languages)
