"""The run of show as people paste it, and as it is given back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runshow_text import UnreadableError, as_csv, as_text, read_parts
from live.domain.part import PartDraft

LANGUAGES = ("en", "fr")


def test_a_list_of_titles_is_a_run_of_show() -> None:
    pasted = "\n5 Opening\n- 10 min: Fitting\nThe offer (12 min)\n3' Rush\nQuestions\n2026 looks\n"
    assert [(part.titles, part.minutes) for part in read_parts(pasted, LANGUAGES)] == [
        ({"en": "Opening"}, 5),
        ({"en": "Fitting"}, 10),
        ({"en": "The offer"}, 12),
        ({"en": "Rush"}, 3),
        ({"en": "Questions"}, None),
        ({"en": "2026 looks"}, None),
    ]


def test_sections_hold_everything() -> None:
    pasted = """
# Opening (5 min)
fr: Ouverture
goal: Warm the room
for: Customer, prospect
hidden

Good evening, and welcome.

Tonight: wool.
# The offer
"""
    opening, offer = read_parts(pasted, LANGUAGES)
    assert opening == PartDraft(
        {"en": "Opening", "fr": "Ouverture"},
        5,
        "Warm the room",
        ("customer", "prospect"),
        "Good evening, and welcome.\n\nTonight: wool.",
        public=False,
    )
    assert offer == PartDraft({"en": "The offer"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_however_its_columns_are_parted(delimiter: str) -> None:
    rows = [
        ["Title:fr", "title", "Minutes", "segments", "public"],
        ["Essayage", "Fitting", "10", '"customer|prospect"', "non"],
        ["", "Goodbye", "", "", ""],
    ]
    pasted = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    assert read_parts(pasted, LANGUAGES) == (
        PartDraft(
            {"fr": "Essayage", "en": "Fitting"}, 10, "", ("customer", "prospect"), public=False
        ),
        PartDraft({"en": "Goodbye"}),
    )


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("# Opening\nsv: Hej", "Line 2: “sv” is not known here."),
        ("# Opening\nGood evening", "Line 2: an empty line comes before what the host reads."),
        ("Loose\n# Opening", "Line 1: a part begins with “#”."),
        ("title,colour\nOpening,red", "Line 1: there is no column “colour”."),
        ("title,minutes\nOpening,soon", "Line 2: “soon” is no number of minutes."),
        ("title,public\nOpening,perhaps", "Line 2: “perhaps” is neither yes nor no."),
        ("title,minutes\n" + "Again,1\n" * 201, "A table has 200 rows at most."),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(pasted: str, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        read_parts(pasted, LANGUAGES)


LETTERS = st.from_regex(r"[abcé'=+@#?!-]([abcé'=+@#?! -]{0,10}[abcé'=+@#?!-])?", fullmatch=True)
TITLES = st.builds("{}{}".format, st.sampled_from("abcé"), LETTERS)
SCRIPTS = st.lists(st.one_of(LETTERS, st.just("")), max_size=4).map("\n".join)
PARTS = st.builds(
    PartDraft,
    titles=st.dictionaries(st.sampled_from(LANGUAGES), TITLES, min_size=1),
    minutes=st.one_of(st.none(), st.integers(1, 600)),
    goal=st.one_of(st.just(""), TITLES),
    segments=st.lists(st.sampled_from(("customer", "customer/vip")), unique=True).map(tuple),
    script=SCRIPTS.map(str.strip),
    public=st.booleans(),
)


@given(parts=st.lists(PARTS, min_size=1, max_size=5))
def test_what_is_given_out_is_read_back(parts: list[PartDraft]) -> None:
    assert list(read_parts(as_csv(parts, LANGUAGES), LANGUAGES)) == parts
    assert [_bare(each) for each in read_parts(as_text(parts, "en"), LANGUAGES)] == parts


def _bare(part: PartDraft) -> PartDraft:
    """Without the blanks by which a line of the script is set in."""
    return replace(part, script="\n".join(line.strip() for line in part.script.split("\n")))
