"""What was learned outlives the process, and broken files never stop the ear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from moderation.ear import calls
from moderation.ear.ports import Example, Learned
from moderation.ear.process import Ear

Open = Callable[[], Ear]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the ear anew; the one before ends as if it had been killed."""
    ears: list[Ear] = []

    def open_anew() -> Ear:
        for ear in ears:
            ear.close()
        ears.append(Ear(tmp_path))
        return ears[-1]

    yield open_anew
    for ear in ears:
        ear.close()


def example(number: int, *, author: str = "ada") -> Example:
    return Example(f"d{number}", author, f"venez sur mon site numéro {number}", unwanted=True)


def learned(ear: Ear) -> int:
    state = ear.answer(calls.AskState())
    assert isinstance(state, calls.State)
    return state.learned.decisions


def trouble(ear: Ear) -> tuple[str, ...]:
    state = ear.answer(calls.AskState())
    assert isinstance(state, calls.State)
    return state.trouble


def exported(ear: Ear) -> bytes:
    dump = ear.answer(calls.Export())
    assert isinstance(dump, calls.Exported)
    return dump.state


def test_lessons_survive_a_process_that_is_killed(opened: Open) -> None:
    ear = opened()
    for number in range(3):
        assert isinstance(ear.answer(example(number)), Learned)
    ear.answer(calls.Unlearn(("d1",)))
    # No orderly end: the files are as they were after the last lesson.
    again = opened()

    assert learned(again) == 2
    assert exported(again) == exported(ear)


def test_a_kept_state_takes_the_place_of_the_journal(tmp_path: Path, opened: Open) -> None:
    ear = opened()
    ear.answer(example(1))
    ear.keep()
    ear.answer(example(2))

    assert exported(ear) == exported(opened())
    ear.keep()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["learned", "lock"]


def test_a_kept_state_holds_nobodys_words(tmp_path: Path, opened: Open) -> None:
    ear = opened()
    ear.answer(Example("d1", "ada", "mon secret inoubliable", unwanted=True))
    ear.keep()

    assert b"inoubliable" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_someone_who_was_erased_leaves_the_disk_at_the_next_pause(
    tmp_path: Path, opened: Open
) -> None:
    ear = opened()
    ear.answer(Example("d1", "ada-1815", "mon secret", unwanted=True))
    ear.keep()
    ear.answer(calls.Forget("ada-1815"))
    while ear.carry_on():
        pass

    assert learned(ear) == 0
    assert b"ada-1815" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("broken", [b"", b"nonsense", b"causerie-ear-1\n" + bytes(40)])
def test_a_broken_state_is_set_aside_and_told(tmp_path: Path, opened: Open, broken: bytes) -> None:
    (tmp_path / "learned").write_bytes(broken)
    ear = opened()

    assert learned(ear) == 0
    assert "state_unreadable" in trouble(ear)
    assert (tmp_path / "learned.unreadable").read_bytes() == broken
    ear.answer(example(1))
    ear.keep()
    assert learned(opened()) == 1


def test_a_flipped_bit_is_noticed(tmp_path: Path, opened: Open) -> None:
    ear = opened()
    ear.answer(example(1))
    ear.keep()
    state = bytearray((tmp_path / "learned").read_bytes())
    state[-3] ^= 1
    (tmp_path / "learned").write_bytes(state)

    assert "state_unreadable" in trouble(opened())


def test_a_journal_cut_short_gives_what_is_whole(tmp_path: Path, opened: Open) -> None:
    ear = opened()
    ear.answer(example(1))
    ear.answer(example(2))
    journal = (tmp_path / "lessons").read_bytes()
    (tmp_path / "lessons").write_bytes(journal[:-5])

    assert learned(opened()) == 1


def test_a_disk_that_takes_nothing_is_told_and_learning_goes_on(
    tmp_path: Path, opened: Open
) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "learned.fresh").mkdir()
    ear = opened()
    assert isinstance(ear.answer(example(1)), Learned)
    ear.keep()

    assert learned(ear) == 1
    assert "state_unwritable" in trouble(ear)
    (tmp_path / "learned.fresh").rmdir()
    (tmp_path / "lessons").rmdir()
    ear.keep()
    assert "state_unwritable" not in trouble(ear)


def test_a_call_of_no_kind_is_answered(opened: Open) -> None:
    assert isinstance(opened().answer(calls.NotNow()), calls.NotNow)


def test_two_processes_over_one_folder_keep_apart(tmp_path: Path) -> None:
    one, other = Ear(tmp_path), Ear(tmp_path)
    one.answer(example(1))
    other.answer(example(2))
    other.answer(example(3))
    one.close()
    other.close()
    again, other_again = Ear(tmp_path), Ear(tmp_path)

    assert (learned(again), learned(other_again)) == (1, 2)
    again.close()
    other_again.close()
