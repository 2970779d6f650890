"""What lies with a text and goes with it: what showed the reasons, hints, the line it was.

One JSON document a text, in ``contents.evidence``; None where there is nothing to keep.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from live.domain.ids import MessageId
from live.domain.judgement import NO_HINTS, Hints
from live.domain.message import Message, Reason
from live.domain.question import Question


@dataclass(frozen=True, slots=True)
class Beside:
    """All that lies with one text."""

    evidence: tuple[str | None, ...] = ()
    hints: Hints = NO_HINTS
    from_message: MessageId | None = None


NOTHING = Beside()
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Beside)


def encoded(item: Message | Question) -> str | None:
    """The document of one item's text."""
    asked = item.from_message if isinstance(item, Question) else None
    if not item.reasons and item.hints is NO_HINTS and asked is None:
        return None  # as nearly always
    evidence = tuple(each.evidence for each in item.reasons)
    told = any(each is not None for each in evidence)
    beside = Beside(evidence if told else (), item.hints, asked)
    return None if beside == NOTHING else _ENCODER.encode(beside).decode()


def decoded(document: str | None) -> Beside:
    """What ``encoded`` wrote. Until version 0.1 a document was the list of evidences alone."""
    if document is None:
        return NOTHING
    if document.startswith("["):
        return Beside(tuple(json.loads(document)))
    return _DECODER.decode(document)


def dump_reasons(reasons: Sequence[Reason]) -> str:
    """What is nobody's words: code, sentence, and what is unusual about a reason."""
    if not reasons:
        return "[]"
    told = [
        [each.code, each.text]
        if each.by == "rule" and not each.noted
        else [each.code, each.text, each.by, each.noted]
        for each in reasons
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def load_reasons(document: str, beside: Beside) -> tuple[Reason, ...]:
    """The reasons, with what showed them where that is still kept."""
    if document == "[]":
        return ()
    told = json.loads(document)
    evidence = beside.evidence
    if len(evidence) != len(told):  # erased, or told of reasons that were replaced since
        evidence = (None,) * len(told)
    return tuple(
        Reason(code, text, shown, *unusual)
        for (code, text, *unusual), shown in zip(told, evidence, strict=True)
    )
