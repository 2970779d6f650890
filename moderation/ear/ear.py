"""The ear: what the rest of the program asks about what people write.

``Ear`` is the facade over the policy's phases (which always answer) and the models (which live in a
process of their own and answer once they are loaded). Nothing here raises because a model is slow,
absent or broken: the answer is then None, and ``status`` says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from live.ports.gate import Candidate, Opinion
from moderation.ear.ports import Alike, Asked, Example, Hints, Learned


@dataclass(frozen=True, slots=True)
class EarStatus:
    """What staff are told about the ear.

    ``models``: ``loading`` until they are first ready, ``ready``, ``restarting`` after a crash,
    ``off`` where they are switched off. ``trouble`` are stable codes of what does not work at this
    moment (``state_unreadable``, ``state_unwritable``, ``hook_failing``, ``phase_failing``);
    ``skipped`` counts, by phase, the lines judged without it. ``decisions`` is how many the filter
    has learned from, ``rss_mb`` the process's resident memory.
    """

    models: Literal["loading", "ready", "restarting", "off"]
    trouble: tuple[str, ...]
    skipped: Mapping[str, int]
    decisions: int
    replaying: bool
    rss_mb: float


class Ear(Protocol):
    """See the module. All calls may run at once; every one has a deadline of its own.

    ``review`` and ``at_once`` are the ``PromptGate`` of live. Elsewhere ``None`` always means "the
    models do not answer now".
    """

    @property
    def status(self) -> EarStatus: ...

    async def review(self, candidate: Candidate) -> Opinion: ...

    def at_once(self, candidate: Candidate) -> Opinion | None:
        """See ``PromptGate``."""
        ...

    async def hints(self, text: str) -> Hints | None: ...

    async def similar(
        self, question: Asked, among: Sequence[Asked]
    ) -> tuple[Alike, ...] | None: ...

    async def learn(self, example: Example) -> Learned | None: ...

    async def unlearn(self, decision_ids: Sequence[str]) -> Learned | None: ...

    async def forget(self, author_id: str) -> Learned | None: ...

    async def authors(self) -> tuple[str, ...] | None:
        """Those whose lines the filter learned from."""
        ...

    async def prototypes(
        self, segments: Mapping[str, Sequence[str]], topics: Mapping[str, Sequence[str]]
    ) -> bool:
        """What segments and topics sound like from soon on; False where it is not taken now."""
        ...

    async def export(self) -> bytes | None: ...

    async def reset(self) -> Learned | None: ...
