"""The ear without models: the rules judge, everything learned is absent, and it says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from live.ports.gate import Candidate, Opinion, PromptGate
from moderation.ear.ear import EarStatus
from moderation.ear.ports import Alike, Asked, Example, Hints, Learned
from moderation.policy.gate import Hook


class PlainEar:
    """``Ear`` over a gate of rules alone, and the operator's ``hook``, if that gate has one."""

    def __init__(self, gate: PromptGate, hook: Hook | None = None) -> None:
        self._gate = gate
        self._hook = hook

    @property
    def status(self) -> EarStatus:
        failing = self._hook is not None and self._hook.failing
        return EarStatus(
            models="off",
            trouble=("hook_failing",) if failing else (),
            skipped={"hook": self._hook.skipped} if self._hook and self._hook.skipped else {},
            decisions=0,
            replaying=False,
            rss_mb=0.0,
        )

    async def review(self, candidate: Candidate) -> Opinion:
        return await self._gate.review(candidate)

    def at_once(self, candidate: Candidate) -> Opinion | None:
        return self._gate.at_once(candidate)

    async def hints(self, text: str) -> Hints | None:
        return None

    async def similar(
        self,
        question: Asked,
        among: Sequence[Asked],
    ) -> tuple[Alike, ...] | None:
        return None

    async def learn(self, example: Example) -> Learned | None:
        return None

    async def unlearn(self, decision_ids: Sequence[str]) -> Learned | None:
        return None

    async def forget(self, author_id: str) -> Learned | None:
        return None

    async def authors(self) -> tuple[str, ...] | None:
        return ()

    async def prototypes(
        self, segments: Mapping[str, Sequence[str]], topics: Mapping[str, Sequence[str]]
    ) -> bool:
        return False

    async def export(self) -> bytes | None:
        return None

    async def reset(self) -> Learned | None:
        return None
