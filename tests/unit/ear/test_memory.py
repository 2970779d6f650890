"""What the filter learns, and that it can be unlearned to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.ear.encoder.weights import DIMENSIONS
from moderation.ear.filter.memory import (
    AT_HAND,
    AT_ONCE,
    MARK_EVERY,
    MOST,
    Decision,
    Memory,
)


def decision(number: int, *, author: str | None = None, vectorless: bool = False) -> Decision:
    """The same number gives the same decision."""
    chance = np.random.default_rng(number)
    vector = chance.normal(size=DIMENSIONS)
    vector /= np.linalg.norm(vector)
    return Decision(
        id=f"d{number}",
        author_id=author or f"a{number % 7}",
        unwanted=bool(chance.integers(2)),
        features=tuple(sorted({int(each) for each in chance.integers(1 << 14, size=12)})),
        vector=None if vectorless else vector.astype(np.float16),
    )


def memory_of(*decisions: Decision) -> Memory:
    memory = Memory(np.linspace(-0.1, 0.1, DIMENSIONS + 1), [((1, 2, 3), True), ((3, 4), False)])
    for each in decisions:
        memory.learn(each)
    return memory


def replayed(memory: Memory) -> Memory:
    while memory.replaying:
        memory.replay(MARK_EVERY)
    return memory


def test_learning_and_unlearning_gives_the_model_before_to_the_last_bit() -> None:
    memory = memory_of(*map(decision, range(200)))
    before = memory.to_bytes()

    memory.learn(decision(200))
    learned = memory.to_bytes()
    memory.unlearn(["d200"])

    assert learned != before
    assert memory.to_bytes() == before


@settings(max_examples=25)
@given(
    count=st.integers(1, 420),
    gone=st.sets(st.integers(0, 419), max_size=6),
    later=st.integers(0, 30),
    vectorless=st.sets(st.integers(0, 450), max_size=20),
)
def test_any_decisions_left_out_are_as_if_they_had_never_been(
    count: int, gone: set[int], later: int, vectorless: set[int]
) -> None:
    made = [decision(each, vectorless=each in vectorless) for each in range(count + later)]
    memory = memory_of(*made[:count])

    memory.unlearn({f"d{each}" for each in gone})
    for each in made[count:]:
        memory.learn(each)

    never = memory_of(*(each for number, each in enumerate(made) if number not in gone))
    memory.unlearn({f"d{each}" for each in gone})
    assert replayed(memory).to_bytes() == never.to_bytes()


def test_erasing_a_person_is_exact() -> None:
    made = [*map(decision, range(300))]
    memory = memory_of(*made)

    memory.forget("a3")

    assert (
        replayed(memory).to_bytes()
        == memory_of(*(each for each in made if each.author_id != "a3")).to_bytes()
    )
    assert all(each.author_id != "a3" for each in memory.decisions)


def test_a_recent_decision_is_unlearned_at_once() -> None:
    memory = memory_of(*map(decision, range(5 * MARK_EVERY + 40)))

    memory.unlearn([f"d{5 * MARK_EVERY + 40 - MARK_EVERY}"])

    assert not memory.replaying


def test_an_old_one_is_unlearned_in_steps_while_the_old_weights_serve() -> None:
    made = [*map(decision, range(3 * AT_ONCE))]
    memory = memory_of(*made)
    vector = np.asarray(made[7].vector, dtype=np.float32)
    before = memory.log_odds(vector)

    memory.unlearn(["d7"])
    assert memory.replaying
    assert memory.log_odds(vector) == before
    memory.replay(MARK_EVERY)
    assert memory.log_odds(vector) == before
    memory.learn(decision(9000))

    never = memory_of(*(each for each in made if each.id != "d7"), decision(9000))
    assert replayed(memory).to_bytes() == never.to_bytes()
    assert memory.log_odds(vector) != before


def test_the_same_decision_twice_counts_once() -> None:
    once = memory_of(decision(1))
    twice = memory_of(decision(1), decision(1))

    assert twice.to_bytes() == once.to_bytes()
    assert len(twice) == 1


def test_unlearning_what_was_never_learned_changes_nothing() -> None:
    memory = memory_of(decision(1))
    before = memory.to_bytes()

    memory.unlearn(["nobody", "d2"])
    memory.forget("nobody")

    assert memory.to_bytes() == before


@pytest.mark.parametrize("count", [AT_HAND, AT_HAND + 1, 2 * AT_HAND + 3])
def test_examples_at_hand_are_the_latest_and_the_same_whichever_way_they_came(count: int) -> None:
    made = [*map(decision, range(count + 1))]
    memory = memory_of(*made)
    nearest = memory.nearest(np.asarray(made[-1].vector, dtype=np.float32))
    assert made[-1].id in {each.decision_id for each in nearest if each}

    memory.unlearn([made[-1].id])

    assert memory.to_bytes() == memory_of(*made[:-1]).to_bytes()


def test_the_oldest_quarter_goes_when_there_are_too_many() -> None:
    plain = [decision(each, vectorless=True) for each in range(40)]
    made = [
        Decision(f"n{number}", "a", plain[number % 40].unwanted, plain[number % 40].features, None)
        for number in range(MOST + 1)
    ]
    memory = memory_of(*made)

    assert len(memory) == MOST + 1 - MOST // 4
    assert replayed(memory).to_bytes() == memory_of(*made[MOST // 4 :]).to_bytes()
