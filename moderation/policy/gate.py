"""The gate that live asks, with the policy behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from live.domain.dial import Level
from live.ports.clock import Clock
from live.ports.gate import Candidate, Heard, Opinion
from moderation.policy.history import History
from moderation.policy.judge import Case, Judge, Verdict
from moderation.policy.language import AuthorsLanguage, Followed, Languages
from moderation.policy.normalise import fold, letters
from moderation.policy.personal import mask
from moderation.policy.pipeline import Finding
from moderation.policy.reasons import reason, staff_reason
from moderation.policy.watch import Watch
from moderation.policy.wordlists import WordLists


class Judging(Protocol):
    """Judges a case somewhere. It answers every time, and has its own deadline."""

    async def judge(self, case: Case) -> Verdict: ...

    def prompt(self, text: str) -> Callable[[Case], Verdict] | None:
        """What judges a line of this text at once, on the caller's thread; None where ``judge`` has
        to be asked."""
        ...


class Hook(Protocol):
    """An external service that is asked about lines that nothing is held against.

    Says whether it wants a person to look; None where it is slow, absent or makes no sense. Never
    raises, and takes no longer than its deadline.
    """

    @property
    def failing(self) -> bool:
        """Whether it has not answered sensibly of late."""
        ...

    @property
    def skipped(self) -> int:
        """Lines that went on without its answer."""
        ...

    async def wants_a_look(self, candidate: Candidate) -> bool | None: ...


class Here:
    """``Judging`` at once, on the caller's thread: 0.15 ms of a usual line."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def judge(self, case: Case) -> Verdict:
        return self._judge.judge(case)

    def prompt(self, text: str) -> Callable[[Case], Verdict]:  # noqa: ARG002 - the port's
        return self._judge.judge


def rules_alone(languages: Languages | None = None, word_lists: WordLists | None = None) -> Judging:
    """Judging by the phases that need no models, on the caller's thread."""
    lists = word_lists or WordLists()
    return Here(Judge(languages or AuthorsLanguage(), lists, watch=Watch()))


class PolicyGate:
    """``PromptGate`` by the phases of ``pipeline``, the session's dial deciding how far each goes.

    Staff are not judged. What must remember stays here, in order: who said what of late, and which
    language people turn out to write.
    """

    def __init__(
        self, clock: Clock, judging: Judging | None = None, *, hook: Hook | None = None
    ) -> None:
        self._clock = clock
        self._judging = judging or rules_alone()
        self._hook = hook
        self._history = History()
        self._followed = Followed()

    async def review(self, candidate: Candidate) -> Opinion:
        if candidate.author_role.is_staff:
            return Opinion(outcome="pass", language=candidate.author_language)
        verdict = await self._judging.judge(self._case(candidate))
        findings = verdict.findings
        if await self._hook_objects(candidate, findings):
            findings = (*findings, Finding("hook", "hook"))
        return self._concluded(candidate, verdict, findings)

    def at_once(self, candidate: Candidate) -> Opinion | None:
        """See ``PromptGate``."""
        if candidate.author_role.is_staff:
            return Opinion(outcome="pass", language=candidate.author_language)
        if self._hook is not None and candidate.dial.hook is not Level.OFF:
            return None
        judge = self._judging.prompt(candidate.text)
        if judge is None:
            return None
        verdict = judge(self._case(candidate))
        return self._concluded(candidate, verdict, verdict.findings)

    def _concluded(
        self, candidate: Candidate, verdict: Verdict, findings: Sequence[Finding]
    ) -> Opinion:
        opinion = _opinion(candidate, verdict, findings)
        if opinion.outcome == "pass":
            self._history.note_passed(candidate.session_id, candidate.author_id)
        speaks = self._speaks(candidate, verdict.language)
        return opinion if speaks is None else replace(opinion, speaks=speaks)

    def _case(self, candidate: Candidate) -> Case:
        folded = fold(candidate.text)
        past = self._history.note(
            candidate.session_id,
            candidate.author_id,
            letters(folded),
            self._clock.monotonic(),
        )
        return Case(candidate, folded, past)

    async def _hook_objects(self, candidate: Candidate, findings: Sequence[Finding]) -> bool:
        if self._hook is None or candidate.dial.hook is Level.OFF:
            return False
        if any(_holds(candidate, each) for each in findings):
            return False
        return bool(await self._hook.wants_a_look(candidate))

    def _speaks(self, candidate: Candidate, wrote: str) -> str | None:
        if candidate.author_chose or candidate.dial.language is not Level.AUTOMATIC:
            return None
        return self._followed.note(
            candidate.session_id,
            candidate.author_id,
            wrote=wrote,
            speaks=candidate.author_language,
        )


def _opinion(candidate: Candidate, verdict: Verdict, findings: Sequence[Finding]) -> Opinion:
    """What the dial makes of the findings."""
    if not findings and verdict.heard is None:  # as nearly always
        return Opinion("pass", verdict.language)
    holding = [each for each in findings if _holds(candidate, each)]
    covered = [each for each in findings if each.personal and _masks(candidate)]
    noted = [each for each in findings if each not in holding]
    heard = _allowed(candidate, verdict.heard)
    team = candidate.languages[0] if candidate.languages else candidate.author_language
    reader = candidate.author_language
    return Opinion(
        outcome="hold" if holding else "pass",
        language=verdict.language,
        reasons=tuple(reason(each.code, reader, each.evidence) for each in holding),
        score=heard.score.unwanted if heard is not None and heard.score is not None else None,
        noted=tuple(staff_reason(each.code, team, each.evidence) for each in noted),
        heard=heard,
        masked=mask(candidate.text, covered[0].personal) if covered else None,
    )


def _holds(candidate: Candidate, finding: Finding) -> bool:
    if candidate.dial.level(finding.judgement) is not Level.AUTOMATIC:
        return False
    return not (finding.personal and _masks(candidate))


def _masks(candidate: Candidate) -> bool:
    dial = candidate.dial
    return dial.mask_personal_data and dial.personal_data is Level.AUTOMATIC


def _allowed(candidate: Candidate, heard: Heard | None) -> Heard | None:
    """Without the score where the filter is off."""
    if heard is None or candidate.dial.filter is not Level.OFF:
        return heard
    return replace(heard, score=None)
