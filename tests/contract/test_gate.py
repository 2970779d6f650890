"""What every gate promises, over each of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from live.domain.ids import ParticipantId, SessionId
from live.domain.people import Role
from live.ports.gate import Candidate, Gate, OpenGate
from moderation.adapters.language import FastTextLanguages
from moderation.policy.gate import PolicyGate, rules_alone


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


GATES: dict[str, Callable[[], Gate]] = {
    "open": OpenGate,
    "policy": lambda: PolicyGate(SystemClock()),
    "policy with languages": lambda: PolicyGate(SystemClock(), rules_alone(FastTextLanguages())),
}
HARD_TEXTS = [
    "a",
    "\u202eabc\u202c",
    "e" + "\u0301" * 499,
    "🏳️‍🌈" * 100,
    "\ud800 alone",
    "()" * 250,
    "a.b." * 125,
    "//" * 250,
    "ﷺ" * 500,
]


@pytest.fixture(params=GATES)
def gate(request: pytest.FixtureRequest) -> Gate:
    return GATES[request.param]()


def candidate(text: str, *, author: str = "ada", role: Role = Role.VIEWER) -> Candidate:
    return Candidate(
        session_id=SessionId("s"),
        author_id=ParticipantId(author),
        author_role=role,
        kind="question",
        text=text,
        languages=("fr", "en"),
        author_language="fr",
    )


@pytest.mark.parametrize("text", HARD_TEXTS)
async def test_every_text_gets_an_opinion(gate: Gate, text: str) -> None:
    opinion = await gate.review(candidate(text))

    assert opinion.outcome in ("pass", "hold", "refuse")
    assert opinion.language in ("fr", "en", "und")


async def test_an_ordinary_line_passes_without_reasons(gate: Gate) -> None:
    opinion = await gate.review(candidate("Est-ce qu'il existe en vert ?"))

    assert (opinion.outcome, opinion.language, opinion.reasons) == ("pass", "fr", ())


async def test_what_is_not_passed_says_why(gate: Gate) -> None:
    for number in range(6):
        opinion = await gate.review(candidate(f"gagnez sur exemple.shop/{number}"))
        assert (opinion.outcome == "pass") == (opinion.reasons == ())
        assert all(reason.code and reason.text for reason in opinion.reasons)


async def test_reviews_may_run_at_once(gate: Gate) -> None:
    lines = [candidate(f"ligne numéro {number}", author=f"a{number}") for number in range(200)]

    opinions = await asyncio.gather(*map(gate.review, lines))

    assert {each.outcome for each in opinions} == {"pass"}


async def test_staff_pass(gate: Gate) -> None:
    opinion = await gate.review(candidate("exemple.shop", role=Role.HOST))

    assert opinion.outcome == "pass"
