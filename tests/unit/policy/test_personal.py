"""What should not stand in public is found; order numbers, prices, dates and versions are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.ear.lines import FOLDER
from moderation.policy.personal import find_personal, mask

DATA = Path(__file__).parents[2] / "data"
SPOKEN = ("fr", "en", "es", "de", "pt", "it", "nl", "ja")
ROWS = [json.loads(row) for row in (FOLDER / "pii.jsonl").read_text().splitlines()]


def found(text: str, languages: tuple[str, ...] = SPOKEN) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in find_personal(text, languages)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_shared_lines_are_told_right(row: dict[str, list[dict[str, str]]]) -> None:
    """Addresses of houses and of machines are beyond what is looked for."""
    expected = [
        (each["type"].lower(), each["value"])
        for each in row["entities"]
        if each["type"] not in ("ADDRESS", "IP")
    ]

    assert sorted(found(str(row["text"]))) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("marie arobase exemple point fr", "email"),
        ("ｍａｒｉｅ＠exemple.fr", "email"),
        ("bob(at)mail(dot)example(dot)org", "email"),
        ("06\u200b12\u200b34\u200b56\u200b78", "phone"),
        ("tel 01-23-45-67-89 merci", "phone"),
        ("0033 6 12 34 56 78", "phone"),
        ("+1 415 555 2671", "phone"),
        ("4111-1111-1111-1111", "card"),
        ("５５５５ ５５５５ ５５５５ ４４４４", "card"),
        ("3782 822463 10005", "card"),
        ("gb82west12345698765432", "iban"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
    ],
)
def test_what_is_written_otherwise_is_found_too(text: str, kind: str) -> None:
    assert [each for each, _ in found(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "commande 0612345678",
        "n° 06 12 34 56 78",
        "le 05/11/2026 à 14h30",
        "2026-11-23 10:57:07",
        "1 500 000 vues, 3.14159265",
        "4111 1111 1111 1112",
        "FR7630006000011234567890188",
        "IBAN FR76 3000 6000",
        "meet us at example.com at noon",
        "@modo regarde",
        "192.168.1.20",
        "a@b",
    ],
)
def test_what_only_resembles_is_left(text: str) -> None:
    assert found(text) == []


def test_honest_lines_hold_nothing_personal() -> None:
    lines = (DATA / "honest-lines.txt").read_text().splitlines()

    assert [line for line in lines if found(line)] == []


def test_a_masked_text_keeps_its_shape_and_nothing_else() -> None:
    text = "appelle le 06 12 34 56 78 ou marie@exemple.fr stp"

    assert mask(text, find_personal(text, ("fr",))) == (
        "appelle le •• •• •• •• •• ou •••••@•••••••.•• stp"
    )


@given(st.text(alphabet="0123456789 +-.()@ax•\u200b", max_size=120))
def test_a_masked_text_holds_nothing_more_to_find(text: str) -> None:
    covered = mask(text, find_personal(text, SPOKEN))

    assert len(covered) == len(text)
    assert find_personal(covered, SPOKEN) == []
