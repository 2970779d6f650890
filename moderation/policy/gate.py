"""The gate that live asks, with the policy behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from live.ports.clock import Clock
from live.ports.gate import Candidate, Opinion
from moderation.policy.history import History
from moderation.policy.normalise import fold, letters
from moderation.policy.pipeline import Line, WordLists, judge


class Languages(Protocol):
    """Tells what language a short text is in.

    ``language_of`` chooses among the tags given and returns ``fallback`` where it is not sure.
    """

    def language_of(self, text: str, *, among: Sequence[str], fallback: str) -> str: ...


class AuthorsLanguage:
    """Takes every text for one in its author's language."""

    def language_of(self, text: str, *, among: Sequence[str], fallback: str) -> str:  # noqa: ARG002 - the port's
        return fallback


class PolicyGate:
    """``Gate`` by the phases of ``pipeline``. Staff are not judged.

    Everything happens within the call, on the caller's thread, in well under a millisecond.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        languages: Languages | None = None,
        word_lists: WordLists | None = None,
    ) -> None:
        self._clock = clock
        self._languages: Languages = languages or AuthorsLanguage()
        self._word_lists: WordLists = word_lists or {}
        self._history = History()

    async def review(self, candidate: Candidate) -> Opinion:
        language = self._languages.language_of(
            candidate.text, among=candidate.languages, fallback=candidate.author_language
        )
        if candidate.author_role.is_staff:
            return Opinion(outcome="pass", language=language)
        finding = judge(self._line(candidate, language))
        if finding is None:
            self._history.note_passed(candidate.session_id, candidate.author_id)
            return Opinion(outcome="pass", language=language)
        return Opinion(outcome=finding.outcome, language=language, reasons=(finding.reason,))

    def _line(self, candidate: Candidate, language: str) -> Line:
        folded = fold(candidate.text)
        said = letters(folded)
        past = self._history.note(
            candidate.session_id, candidate.author_id, said, self._clock.monotonic()
        )
        return Line(
            candidate=candidate,
            folded=folded,
            letters=said,
            language=language,
            past=past,
            watched_words=self._word_lists.get(language.partition("-")[0], frozenset()),
        )
