from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.policy.names import skeleton


@pytest.mark.parametrize(
    "imitation",
    [
        "marie d",
        "MARIE D.",
        "Mаrie D.",  # Cyrillic а
        "Ｍａｒｉｅ Ｄ．",
        "Marie\u200b D.",
        "Marié D.",
        "M a r i e . D",
        "Mar1e D.",
        "Marle D.",
        "𝕄arie D.",
        "ᴍᴀʀɪᴇ ᴅ",
    ],
)
def test_an_imitation_has_the_skeleton_of_the_name(imitation: str) -> None:
    assert skeleton(imitation) == skeleton("Marie D.")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Marie", "Maria"), ("Lia", "Mia"), ("Анна", "Hanna"), ("佐藤", "佐々木"), ("🔥", "👏")],
)
def test_different_names_have_different_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_letters_that_look_like_one_are_one() -> None:
    assert skeleton("Bernard") == skeleton("Bemard")


@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_every_name_has_a_skeleton_whatever_its_case(name: str) -> None:
    assert isinstance(skeleton(name), str)
