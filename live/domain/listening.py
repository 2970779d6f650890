"""What the team lets the machine judge in a session, how far it may go, and who takes what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from live.domain.dial import SHIPPED, Dial


class Desk(StrEnum):
    """Who in the house takes a question."""

    AFTER_SALES = "after_sales"
    SALES = "sales"
    STAFF = "staff"
    PARTNERS = "partners"


@dataclass(frozen=True, slots=True)
class Route:
    """Sends to ``desk`` what is written by someone of ``segment``, or sounds like it, and has one
    of ``words`` in it or is about one of ``topics``; what is not given fits everything. The first
    route that fits decides."""

    desk: Desk
    segment: str | None = None
    words: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


USUAL_ROUTES = (
    Route(
        Desk.AFTER_SALES,
        words=(
            *("refund", "return", "returns", "broken", "damaged", "missing", "repair", "warranty"),
            *("my order", "my parcel", "invoice", "remboursement", "rembourser", "retour", "cassé"),
            *("abîmé", "manquant", "manque", "réparation", "réparer", "garantie", "ma commande"),
            *("mon colis", "facture", "service après-vente", "sav", "échanger"),
        ),
        topics=("account", "orders", "sound_and_picture"),
    ),
    Route(Desk.PARTNERS, topics=("partners",)),
    Route(Desk.STAFF, topics=("jobs",)),
    Route(Desk.AFTER_SALES, segment="customer"),
    Route(Desk.SALES, topics=("discounts", "payment", "price")),
    Route(Desk.SALES, segment="prospect"),
    Route(Desk.STAFF, segment="ambassador"),
    Route(Desk.PARTNERS, segment="influencer"),
)


@dataclass(frozen=True, slots=True)
class Listening:
    """The team's choices. ``watched`` are words by primary language, ``prototypes`` what segments
    sound like, ``topics`` what questions about each do, in example sentences that take the place of
    the shipped ones."""

    dial: Dial = SHIPPED
    watched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prototypes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    routes: tuple[Route, ...] = USUAL_ROUTES
