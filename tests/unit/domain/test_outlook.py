"""Before it is sent: who would read what, what reads the same, who would read nothing."""

from __future__ import annotations

import pytest

from live.domain.announcement import Link, Product
from live.domain.announcement_commands import DraftVariant
from live.domain.outcome import Refusal
from live.domain.outlook import NEARLY, Outlook, alike, outlook
from tests.support.scene import Scene

PEOPLE = {("customer", "fr"): 12, ("customer", "en"): 3, ("prospect", "fr-CA"): 4, ("vip", "fr"): 1}


def seen(*drafts: DraftVariant) -> Outlook:
    made = outlook(Scene().state, drafts, PEOPLE)
    assert isinstance(made, Outlook)
    return made


def variant_of(made: Outlook, segment: str, language: str) -> tuple[int, int | None]:
    [cell] = [e for e in made.cells if (e.segment, e.language) == (segment, language)]
    return cell.people, cell.variant


def test_every_cohort_is_told_what_it_would_read_and_how_many_it_is() -> None:
    made = seen(
        DraftVariant("To all"),
        DraftVariant("À tous", language="fr"),
        DraftVariant("Pour vous", segment="customer", language="fr"),
    )
    assert variant_of(made, "customer", "fr") == (12, 2)
    assert variant_of(made, "customer", "en") == (3, 0)
    assert variant_of(made, "prospect", "fr-CA") == (4, 1)
    assert variant_of(made, "ambassador", "en") == (0, 0)
    assert variant_of(made, "vip", "fr") == (1, 1), "of a segment that the session no longer has"
    assert (made.alike, made.left_out) == ((), ())


def test_a_segment_left_without_anything_is_pointed_out() -> None:
    made = seen(DraftVariant("Pour vous", segment="customer", language="fr"))
    assert ("customer", 15) not in made.left_out
    assert ("prospect", 4) in made.left_out
    assert variant_of(made, "customer", "en") == (3, None), "no French for those who read English"


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("Come and see the coats", "Come and see the coats", True),
        ("Come and see the coats", "come and see the COATS!", True),
        ("Venez voir l'été", "Venez voir l’ete", True),
        ("Come and see the new coats", "Come and see our new coats", False),
        ("Ten per cent off all coats tonight", "Ten per cent off coats tonight", False),
        ("Coats at 90 euros for you tonight", "Coats at 120 euros for you tonight", None),
        ("Your repair is ready when you are", "Try the coat on before you choose", None),
        ("Thank you for your trust: repairs are free", "First order: delivery is free", None),
    ],
)
def test_what_reads_the_same_to_different_people_is_pointed_out(
    one: str, other: str, verdict: bool | None
) -> None:
    drafts = DraftVariant(one, segment="customer"), DraftVariant(other, segment="prospect")
    assert [each.same for each in seen(*drafts).alike] == ([] if verdict is None else [verdict])


def test_the_same_words_that_lead_elsewhere_or_cost_otherwise_differ() -> None:
    shop, other = Link("https://shop.example/a", "See"), Link("https://shop.example/b", "See")
    boots = DraftVariant("Boots", product=Product("Boots", "90 €"))
    assert alike(DraftVariant("Look", link=shop), DraftVariant("Look", link=shop)) is True
    assert alike(DraftVariant("Look", link=shop), DraftVariant("Look", link=other)) is False
    assert alike(boots, DraftVariant("Boots", product=Product("Boots", "80 €"))) is None


def test_languages_are_not_compared_and_neither_is_what_is_not_written_yet() -> None:
    same = (DraftVariant("OK", language="en"), DraftVariant("OK", language="fr"))
    assert seen(*same).alike == ()
    empty = (DraftVariant("", segment="customer"), DraftVariant("", segment="prospect"))
    assert seen(*empty).alike == ()
    assert 0.5 < NEARLY < 1


@pytest.mark.parametrize(
    "drafts",
    [
        (DraftVariant("?", segment="nobody"),),
        (DraftVariant("?", language="sv"),),
        (DraftVariant("One"), DraftVariant("Two")),
    ],
)
def test_what_could_not_be_sent_has_no_outlook(drafts: tuple[DraftVariant, ...]) -> None:
    assert isinstance(outlook(Scene().state, drafts, PEOPLE), Refusal)
