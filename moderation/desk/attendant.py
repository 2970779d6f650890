"""Sits beside every running session: hands decisions to the filter and new questions to the ear.

One task for all sessions, after the commits, never in their way: a slow or absent ear delays what
it would have proposed, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from live.domain.ids import QuestionId, SessionId
from live.domain.question_events import QuestionChanged, QuestionHeld, QuestionPublished
from live.domain.session_events import ListeningChanged
from live.ports.store import Store, StoreUnavailable
from moderation.desk.learning import Learner
from moderation.desk.lessons import lesson_in
from moderation.desk.matching import Matcher
from moderation.desk.ports import Cursors, Show, Told
from moderation.ear.ear import Ear

logger = logging.getLogger(__name__)

Sentences = Mapping[str, tuple[str, ...]]

RETRY_S = 2.0
QUESTIONS_WAITING_MOST = 500


@dataclass(slots=True)
class _Watch:
    """What is owed to one session. ``questions`` wait to be compared; the oldest are given up."""

    show: Show
    learns: bool = True
    retuned: bool = True
    """The team may have changed what segments sound like."""
    questions: deque[QuestionId] = field(
        default_factory=lambda: deque(maxlen=QUESTIONS_WAITING_MOST)
    )

    @property
    def is_owed(self) -> bool:
        return self.learns or self.retuned or bool(self.questions)

    def note(self, told: Told) -> None:
        for each in told.events:
            if lesson_in(each.event) is not None:
                self.learns = True
            match each.event:
                case QuestionPublished(posted=posted) | QuestionHeld(posted=posted):
                    if posted is not None:
                        self.questions.append(each.event.question_id)
                case QuestionChanged(content_id=content_id) if content_id is not None:
                    self.questions.append(each.event.question_id)
                case ListeningChanged():
                    self.retuned = True
                case _:
                    pass


class Attendant:
    """``attend`` each session when it opens; ``run`` does the work until it is cancelled."""

    def __init__(self, ear: Ear, store: Store, cursors: Cursors) -> None:
        self._ear = ear
        self._sentences: tuple[Sentences, Sentences] = ({}, {})
        self._learner = Learner(ear, store, cursors)
        self._matcher = Matcher(ear)
        self._watches: dict[SessionId, _Watch] = {}
        self._wake = asyncio.Event()

    def attend(self, show: Show) -> None:
        """Follow a session from where the filter last heard of it."""
        watch = _Watch(show)

        def told(commit: Told) -> None:
            watch.note(commit)
            if watch.is_owed:
                self._wake.set()

        show.follow(told)
        self._watches[show.id] = watch
        self._wake.set()

    async def run(self) -> None:
        """Work through what is owed; what could not be done now is tried again soon."""
        while True:
            retry_s = RETRY_S if any(each.is_owed for each in self._watches.values()) else None
            try:
                async with asyncio.timeout(retry_s):
                    await self._wake.wait()
            except TimeoutError:
                pass  # the time to try again is what was waited for
            self._wake.clear()
            await self._tune()
            for session_id, watch in list(self._watches.items()):
                await self._serve(watch)
                if not watch.show.is_open and self._watches.get(session_id) is watch:
                    del self._watches[session_id]

    async def _tune(self) -> None:
        """Tell the ear what segments and topics sound like, if a team changed it. There is one ear:
        sentences of all sessions are taken together, list by list."""
        retuned = [each for each in self._watches.values() if each.retuned]
        if not retuned:
            return
        listenings = [watch.show.state.listening for watch in self._watches.values()]
        wanted = (
            _together(each.prototypes for each in listenings),
            _together(each.topics for each in listenings),
        )
        if wanted != self._sentences and not await self._ear.prototypes(*wanted):
            return
        self._sentences = wanted
        for watch in retuned:
            watch.retuned = False

    async def _serve(self, watch: _Watch) -> None:
        if not watch.show.is_writer:
            return  # another node's attendant does it, until the writing comes here
        slug = watch.show.state.session.slug
        try:
            await self._learn(watch)
            while watch.questions and watch.show.is_open:
                if not await self._matcher.compare(watch.show, watch.questions[0]):
                    break
                watch.questions.popleft()
        except StoreUnavailable as error:
            logger.warning("the ear waits: %s", error, extra={"session": slug})
        except Exception:
            # A bug here must not end what is done for the other sessions.
            logger.exception("the ear's attendant failed", extra={"session": slug})
            watch.questions.clear()
            watch.learns = False

    async def _learn(self, watch: _Watch) -> None:
        if not watch.learns:
            return
        watch.learns = False
        learned = False
        try:
            learned = await self._learner.catch_up(watch.show)
        finally:
            watch.learns = watch.learns or not learned


def _together(lists: Iterable[Sentences]) -> Sentences:
    found: dict[str, dict[str, None]] = {}
    for each in lists:
        for key, sentences in each.items():
            found.setdefault(key, {}).update(dict.fromkeys(sentences))
    return {key: tuple(sentences) for key, sentences in sorted(found.items())}
