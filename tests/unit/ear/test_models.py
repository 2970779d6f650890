"""The models behind their one object, with the real embedding."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moderation.ear.filter.learned import ENOUGH
from moderation.ear.lines import development_set
from moderation.ear.models import MOST_SENTENCES, LearnedModels
from moderation.ear.ports import HOLD_FROM, Asked, Example, Score
from moderation.ear.text import readable, words
from tests.support.embedding import encoder

REJECTED = "vends places de concert pas cher, écrivez moi en mp"
VARIANT = "je vends des places de concert pas chères, écrivez-moi en MP !!"


@pytest.fixture
def models() -> LearnedModels:
    return LearnedModels(encoder())


def example(number: int, text: str, *, unwanted: bool, author: str = "someone") -> Example:
    return Example(f"d{number}", author, text, unwanted)


def decided() -> Iterator[Example]:
    """The development set as 142 decisions."""
    for number, line in enumerate(development_set().chat):
        author = f"a{number % 10}"
        yield example(number, line.text, unwanted=line.mod != "ok", author=author)


def score_of(models: LearnedModels, text: str) -> Score:
    score = models.hear(text).score
    assert score is not None
    return score


def test_the_variant_of_a_rejected_line_is_held_next_and_passes_after_undo(
    models: LearnedModels,
) -> None:
    assert models.hear(VARIANT).score is None

    models.learn(example(1, REJECTED, unwanted=True))
    assert score_of(models, VARIANT).unwanted > 0.9

    models.unlearn(["d1"])
    assert models.hear(VARIANT).score is None


def test_the_variant_of_an_approved_line_passes(models: LearnedModels) -> None:
    line = "shut up and take my money, what a machine"
    before = models.filter.log_odds(line)

    models.learn(example(1, "shut up and take my money!!", unwanted=False))

    assert models.filter.log_odds(line) < before - 1


def test_scores_appear_once_enough_was_decided(models: LearnedModels) -> None:
    for number, each in enumerate(decided()):
        if number == ENOUGH - 1:
            assert models.hear("what time does the shop open on monday").score is None
        models.learn(each)

    assert score_of(models, "what time does the shop open on monday").unwanted < 0.2
    assert score_of(models, "you are a pathetic idiot").unwanted > 0.8


def test_every_held_line_shows_evidence_and_without_it_scores_lower(
    models: LearnedModels,
) -> None:
    made = [*decided()]
    for each in made:
        models.learn(each)
    # Known bad lines with a word more or less, and bad lines that were never decided.
    held = [f"{each.text} !" for each in made if each.unwanted]
    held += [
        "tu es vraiment bête à manger du foin",
        "earn 900 euros every day, message me on telegram",
        "verdiene 300 euro am tag, schreib mir",
        "gratis volgers via mijn profiel",
        "shut your mouth you clown",
        "what a bunch of idiots",
        "ihr seid alle dumm",
        "eres un payaso, vete",
        "casinos en ligne bonus gratuit cliquez ici",
        "crève sale nul",
        "dein gesicht ist zum kotzen du versager",
        "free gift cards on my channel click now",
        "ganhe dinheiro fácil, chama no whatsapp",
        "guadagna subito 500 euro, contattami",
        "sei uno sfigato, sparisci",
        "buy followers cheap",
        "go die in a hole",
        "you are all stupid idiots",
        "shut up you moron",
        "ferme la gros débile",
        "t'es un gros nul, dégage",
        "gagnez de l'argent facile sur mon site",
        "abonne toi à ma chaîne, cadeaux gratuits",
        "free robux on my page",
        "du bist ein idiot, verpiss dich",
        "cállate imbécil",
        "free followers, link in my bio",
        "earn money from home, whatsapp me",
        "va te faire voir sale con",
    ]
    checked = 0
    for text in held:
        score = score_of(models, text)
        if score.unwanted < HOLD_FROM:
            continue
        assert score.weighed, text
        for evidence in score.weighed:
            whole = models.filter.log_odds(text)
            if evidence.kind == "example":
                state = models.dump()
                models.unlearn([evidence.shown])
                assert models.filter.log_odds(text) < whole, text
                models.load(state)
            else:
                without = " ".join(
                    word for word in words(readable(text)) if word not in evidence.shown.split()
                )
                assert models.filter.log_odds(without) < whole, text
        checked += 1
    assert checked >= 50


def test_without_an_embedding_words_decide() -> None:
    wordy = LearnedModels()
    for each in decided():
        wordy.learn(each)

    bad = wordy.filter.log_odds("suivez ma chaine, vbucks gratuits, lien en bio")
    good = wordy.filter.log_odds("à quelle heure commence le concours")
    assert bad > 0 > good
    assert wordy.hear("à quelle heure commence le concours ?").hints.question > 0.5
    assert wordy.hear("what is the price").hints.question > 0.5
    assert wordy.hear("bonjour tout le monde").hints.question < 0.5
    assert wordy.hear("🔥🔥").hints.question == 0

    wordy.use(encoder())
    assert wordy.hear("where is my parcel").hints.segment == "customer"


def test_a_dump_is_loaded_to_the_last_bit_and_nothing_else_is(models: LearnedModels) -> None:
    for each in decided():
        models.learn(each)
    kept = models.dump()

    other = LearnedModels(encoder())
    assert other.load(kept).decisions == 142
    assert other.filter.memory.to_bytes() == models.filter.memory.to_bytes()
    assert other.dump() == kept

    for broken in (b"", kept[:-1], kept[:100] + b"!" + kept[101:], b"\0" * len(kept)):
        with pytest.raises(ValueError, match="ear"):
            other.load(broken)
    assert other.dump() == kept


def test_a_person_s_lines_are_erased_from_what_is_kept(models: LearnedModels) -> None:
    for each in decided():
        models.learn(each)

    learned = models.forget("a4")

    assert learned.decisions == 142 - 14
    never = LearnedModels(encoder())
    for each in decided():
        if each.author_id != "a4":
            never.learn(each)
    assert models.dump() == never.dump()


def test_no_text_is_kept(models: LearnedModels) -> None:
    models.learn(example(1, "my secret parcel number", unwanted=True))

    assert b"secret" not in models.dump()


def test_reset_forgets_everything(models: LearnedModels) -> None:
    fresh = models.dump()
    models.learn(example(1, REJECTED, unwanted=True))

    assert models.reset().decisions == 0
    assert models.dump() == fresh


def test_segments_follow_edited_sentences(models: LearnedModels) -> None:
    line = "my pony needs a new saddle"
    before = models.hear("I run a travel channel, any sponsorship?").hints
    horses = [f"our {each} for horses" for each in ("saddles", "blankets", "boots", "ponies")]

    models.prototypes({"riders": [*horses, "I ride a horse", "my pony is ill"] * 5}, {})
    assert models.tune(1)
    assert models.hear(line).hints.segment != "riders"
    while models.tune(100):
        pass
    assert models.hear(line).hints.segment == "riders"
    assert models.hear("I run a travel channel, any sponsorship?").hints.segment == before.segment

    models.prototypes({}, {})
    assert not models.tune(1)
    assert models.hear(line).hints.segment != "riders"


def test_topics_follow_edited_sentences(models: LearnedModels) -> None:
    line = "is my dog allowed in"
    assert models.hear(line).hints.topic != "pets"

    pets = ["are dogs allowed", "is my dog allowed to come", "is a dog allowed inside"]
    models.prototypes({}, {"pets": pets, "orders": ["is my cake ready"]})
    while models.tune(1):
        pass
    assert models.hear(line).hints.topic == "pets"
    assert models.hear("where is my parcel").hints.topic != "orders"

    models.prototypes({}, {})
    assert not models.tune(1)
    assert models.hear(line).hints.topic != "pets"
    assert models.hear("where is my parcel").hints.topic == "orders"


def test_topics_of_questions_are_told(models: LearnedModels) -> None:
    assert models.hear("where is my parcel").hints.topic == "orders"
    assert models.hear("was kostet der Versand").hints.topic == "delivery"
    assert models.hear("bonjour de Marseille").hints.topic is None


def test_prototypes_are_refused_without_sentences_or_with_too_many(models: LearnedModels) -> None:
    before = models.hear("where is my parcel")

    refused: tuple[dict[str, list[str]], ...] = (
        {"customer": []},
        {"riders": []},
        {"customer": ["x"] * (MOST_SENTENCES + 1)},
    )
    for wrong in refused:
        with pytest.raises(ValueError, match="sentence"):
            models.prototypes(wrong, {})
        with pytest.raises(ValueError, match="sentence"):
            models.prototypes({}, wrong)
    with pytest.raises(ValueError, match="embedding"):
        LearnedModels().prototypes({"riders": ["a horse"]}, {})
    assert models.hear("where is my parcel") == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ud800\udfff lone",
        "e" + "\u0301" * 10_000,
        "\u202e\u2066reversed\u2069",
        "a" * 1_000_000,
        "🏴‍☠️" * 5_000,
        "\0\x07",
        "ﷺ" * 1000,
    ],
)
def test_any_text_is_heard(models: LearnedModels, text: str) -> None:
    models.learn(example(1, text, unwanted=True))

    assert 0 <= models.hear(text).hints.question <= 1
    models.alike(Asked("n", text, "fr"), [Asked("o", text + "?", "fr")])
