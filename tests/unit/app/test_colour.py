"""An accent can be seen on both papers, and read where it is used for words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.colour import (
    DARK_PAPER,
    EDGE_RATIO,
    LIGHT_PAPER,
    TEXT_RATIO,
    Accent,
    NotAColour,
    PoorContrast,
    contrast,
)

COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(COLOURS)
def test_every_accent_that_is_taken_can_be_seen_and_read(colour: str) -> None:
    try:
        accent = Accent.of(colour)
    except PoorContrast as refused:
        accent = Accent.of(refused.nearest)
    assert contrast(accent.light, LIGHT_PAPER) >= EDGE_RATIO
    assert contrast(accent.dark, DARK_PAPER) >= EDGE_RATIO
    assert contrast(accent.light_text, LIGHT_PAPER) >= TEXT_RATIO
    assert contrast(accent.dark_text, DARK_PAPER) >= TEXT_RATIO
    assert contrast(accent.light_ink, accent.light) >= TEXT_RATIO
    assert contrast(accent.dark_ink, accent.dark) >= TEXT_RATIO


def test_a_faint_colour_is_refused_with_the_nearest_that_would_do() -> None:
    with pytest.raises(PoorContrast) as refused:
        Accent.of("#FFEE00")
    assert contrast(refused.value.nearest, LIGHT_PAPER) >= EDGE_RATIO
    assert refused.value.nearest in str(refused.value)


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "", "#1234567", "url(x)"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(NotAColour):
        Accent.of(text)


def test_the_style_sheet_sets_the_three_properties() -> None:
    css = Accent.of("#0c6b65").css()
    for name in ("--accent:", "--accent-ink:", "--accent-text:"):
        assert name in css
