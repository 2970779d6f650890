"""Judges one line by the phases, wherever that happens: here, in a thread, in another process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final, Protocol

from live.domain.dial import Level
from live.domain.value import dataclass
from live.ports.gate import Candidate, Heard
from moderation.policy.disguise import Words
from moderation.policy.history import Past
from moderation.policy.language import OTHER, Languages
from moderation.policy.pipeline import PHASES, Finding, Line, Phase
from moderation.policy.watch import Watch
from moderation.policy.wordlists import WordLists

NEEDS_MODELS: Final = ("filter", "question", "segment", "mood")


@dataclass(frozen=True, slots=True)
class Case:
    """A line to judge: ``folded`` as ``normalise.fold`` gives it, ``past`` what came before."""

    candidate: Candidate
    folded: str
    past: Past


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all phases found, in their order, the line's language, and what the models made of it
    (None where they were not asked, or not there)."""

    language: str
    findings: tuple[Finding, ...]
    heard: Heard | None


class Hears(Protocol):
    """What judging needs of ``Models``. Desks are for questions: of other lines nobody asks for the
    ``topic``."""

    def read(self, texts: Sequence[str]) -> None: ...

    def hear(self, text: str, *, topic: bool) -> Heard: ...


class Judge:
    """Pure but for what it counts. One thread at a time."""

    def __init__(
        self,
        languages: Languages,
        word_lists: WordLists,
        *,
        watch: Watch,
        models: Hears | None = None,
        phases: Sequence[Phase] = PHASES,
    ) -> None:
        self._languages = languages
        self._word_lists = word_lists
        self._watch = watch
        self._models = models
        self._phases = phases

    def expect(self, cases: Sequence[Case]) -> None:
        """These will be judged next: what the models read costs less together."""
        models = self._models
        if models is not None and len(cases) > 1:
            texts = [each.candidate.text for each in cases if _needs_models(each.candidate)]
            self._watch.run("models", models.read, texts, busy_s=self._watch.begin())

    def judge(self, case: Case) -> Verdict:
        """What there is to say about a line. Never raises for a phase's sake."""
        candidate = case.candidate
        language = candidate.author_language
        busy_s = self._watch.begin()
        if candidate.dial.language is not Level.OFF:
            told = self._watch.run("language", self._language, candidate, busy_s=busy_s)
            language = told or language
        line = Line(
            candidate=candidate,
            folded=case.folded,
            language=language,
            past=case.past,
            words=self._watch.run("words", self._words, candidate, language, busy_s=busy_s) or (),
            heard=self._hear(candidate, busy_s),
        )
        return Verdict(language, tuple(self._findings(line, busy_s)), line.heard)

    def _findings(self, line: Line, busy_s: float) -> list[Finding]:
        findings: list[Finding] = []
        for phase in self._phases:
            if line.candidate.dial.level(phase.judgement) is Level.OFF:
                continue
            found = self._watch.run(phase.judgement, phase.look, line, busy_s=busy_s)
            if found is not None:
                findings.append(found)
        return findings

    def _hear(self, candidate: Candidate, busy_s: float) -> Heard | None:
        models = self._models
        if models is None or not _needs_models(candidate):
            return None
        topic = candidate.kind == "question" and candidate.dial.segment is not Level.OFF
        hear = partial(models.hear, topic=topic)
        return self._watch.run("models", hear, candidate.text, busy_s=busy_s)

    def _language(self, candidate: Candidate) -> str:
        return self._languages.language_of(
            candidate.text, among=candidate.languages, fallback=candidate.author_language
        )

    def _words(self, candidate: Candidate, language: str) -> list[Words]:
        """What is watched in the line's language, also where the session has not that language."""
        if language == OTHER:
            language = self._languages.language_of(
                candidate.text, among=self._word_lists.languages, fallback=OTHER
            )
        primary = language.partition("-")[0].lower()
        own = (*candidate.watched.get(primary, ()), *candidate.watched.get("*", ()))
        return [self._word_lists.of(primary), *([_compiled(own)] if own else [])]


def _needs_models(candidate: Candidate) -> bool:
    return any(candidate.dial.level(each) is not Level.OFF for each in NEEDS_MODELS)


@lru_cache(maxsize=64)
def _compiled(words: tuple[str, ...]) -> Words:
    return Words(words)
