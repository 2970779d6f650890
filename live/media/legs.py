"""All legs of an engine: their names, their bounds, and how datagrams find them."""

import secrets
from collections.abc import Iterator

from live.media.answer import write_fragment
from live.media.fragment import matches, read_fragment
from live.media.publisher import Publisher
from live.media.routing import Router
from live.media.settings import MediaSettings
from live.media.viewer import Viewer
from live.ports.media import Leg, LegId, Restarted, Trickled
from live.ports.media_refusals import MediaRefusal

RETRY_LATER_S = 5

AnyLeg = Publisher | Viewer

NOT_FOUND = MediaRefusal("not_found", "There is no such leg.")


def new_leg_id() -> LegId:
    """A name that nobody guesses: who knows it may end the leg."""
    return LegId(secrets.token_urlsafe(16))


class Legs:
    """Publishers' and viewers', of every session."""

    def __init__(self, settings: MediaSettings) -> None:
        self.router = Router()
        self._settings = settings
        self._legs: dict[LegId, AnyLeg] = {}
        self._etags: dict[LegId, str] = {}
        self._octets_of_the_gone = 0

    def __iter__(self) -> Iterator[AnyLeg]:
        """Those there are now, whatever becomes of them meanwhile."""
        return iter(tuple(self._legs.values()))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._legs)

    def get(self, leg_id: LegId) -> AnyLeg | None:
        """The leg of that name."""
        return self._legs.get(leg_id)

    def viewer(self, leg_id: LegId) -> Viewer | None:
        """The leg of that name, if it is a viewer's."""
        leg = self._legs.get(leg_id)
        return leg if isinstance(leg, Viewer) else None

    @property
    def publishers(self) -> int:
        """How many are publishers'."""
        return sum(isinstance(leg, Publisher) for leg in self._legs.values())

    @property
    def viewers(self) -> int:
        """How many are viewers'."""
        return len(self._legs) - self.publishers

    @property
    def wire_octets(self) -> int:
        """What was sent to viewers, those who are gone among them."""
        viewers = (leg for leg in self._legs.values() if isinstance(leg, Viewer))
        return self._octets_of_the_gone + sum(viewer.wire_octets for viewer in viewers)

    def crowded(self, participant_id: str) -> MediaRefusal | None:
        """The refusal of one leg more for this participant; None if there is room for it."""
        own = sum(leg.participant_id == participant_id for leg in self._legs.values())
        bounds = self._settings
        if len(self._legs) < bounds.max_legs and own < bounds.max_legs_per_participant:
            return None
        return MediaRefusal("overloaded", "The server carries all it can.", RETRY_LATER_S)

    def add(self, leg: AnyLeg) -> Leg:
        """Take in a leg; what its peer is told."""
        self._legs[leg.leg_id] = leg
        self.router.add(leg.transport)
        etag = self._etags[leg.leg_id] = _etag()
        return Leg(leg.leg_id, etag, leg.answer)

    def remove(self, leg: AnyLeg) -> bool:
        """Close and forget a leg; False if it is not among them any more."""
        if self._legs.pop(leg.leg_id, None) is None:
            return False
        del self._etags[leg.leg_id]
        self.router.remove(leg.transport)
        leg.close()
        if isinstance(leg, Viewer):
            self._octets_of_the_gone += leg.wire_octets
        return True

    def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return NOT_FOUND
        mismatch = matches(etag, self._etags[leg_id])
        if mismatch is not None:
            return mismatch
        read = read_fragment(fragment)
        if isinstance(read, MediaRefusal):
            return read
        if read.ufrag is None or read.ufrag == leg.remote_ufrag:
            return Trickled()
        leg.remote_ufrag = read.ufrag
        self.router.restart(leg.transport)
        renewed = self._etags[leg_id] = _etag()
        mids = [s.mid for s in leg.offer.sections if s.kind is not None]
        return Restarted(renewed, write_fragment(mids, leg.transport.local))


def _etag() -> str:
    return f'"{secrets.token_urlsafe(9)}"'
