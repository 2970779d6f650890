"""Which decisions on one subject stand, and which were taken back."""

from __future__ import annotations

from collections.abc import Iterable

from live.domain.decision import Decision, Verdict
from live.domain.ids import DecisionId


def standing(trail: Iterable[Decision]) -> list[Decision]:
    """Of all decisions on one subject, oldest first: those that stand now, in their order.

    An undo takes away the decision that it supersedes and all that stood on top of it, and itself
    stands only until something else is decided. Undone itself, it gives back what it took.
    """
    stack: list[Decision] = []
    taken: dict[DecisionId, list[Decision]] = {}
    for decision in trail:
        places = {each.id: place for place, each in enumerate(stack)}
        if decision.verdict is not Verdict.UNDO or decision.supersedes is None:
            stack.append(decision)
        elif decision.supersedes in places:
            taken[decision.id] = stack[places[decision.supersedes] :]
            del stack[places[decision.supersedes] :]
        else:
            stack += taken.pop(decision.supersedes, [])
    return stack
