"""HLS as the engine's port has it: whoever may watch is let in like any other viewer, then gets
playlists and pieces from the shelf.
"""

from collections.abc import Callable, Iterator

from live.media.hls.news import HlsNews
from live.media.hls.shelf import Shelf
from live.media.hls.watchers import PARTS_FOR, Watchers
from live.media.settings import MediaSettings
from live.ports.hls import HlsRequest, HlsStanding
from live.ports.media import LegOwner
from live.ports.media_refusals import MediaRefusal

Admit = Callable[[LegOwner], LegOwner | MediaRefusal]

_OFF = MediaRefusal("hls_unavailable", "HLS is not switched on here.")
_TOO_LARGE = MediaRefusal(
    "full", "The link carries no more pictures like this one.", 30, sound_fits=True
)
"""A smaller picture would fit, and pieces have the best one alone."""


class HlsDesk:
    """`HlsSource` of one node: the pieces of all sessions, and who watches them. `admit` decides
    whether one more fits.
    """

    def __init__(self, settings: MediaSettings, admit: Admit, clock: Callable[[], float]) -> None:
        self._on = settings.hls
        self._elsewhere = settings.hls_elsewhere
        self._admit = admit
        self._shelf = Shelf(clock)
        self._watchers = Watchers(clock)
        self.when_gone: Callable[[], object] | None = None
        """Called when pieces are let go of at once, for whoever keeps copies."""

    def take(self, news: HlsNews) -> None:
        """See `Shelf.take`."""
        self._shelf.take(news)

    def cut(self, session_id: str, *, on: bool) -> None:
        """See `Shelf.cut`."""
        self._shelf.cut(session_id, on=on)
        if on:
            self._gone()

    def forget(self, session_id: str, participant_id: str | None = None) -> None:
        """Let go of a session, or of someone in it."""
        self._watchers.forget(session_id, participant_id)
        if participant_id is None:
            self._shelf.forget(session_id)
            self._gone()

    def viewers(self) -> Iterator[LegOwner]:
        """Who is sent pieces over this machine's link: nobody, where others pass them on."""
        return iter(()) if self._elsewhere else iter(self._watchers)

    def offers(self, session_id: str) -> bool:
        """Whether a viewer whom the link carries no more could watch by HLS."""
        return self._on and self._elsewhere and self._shelf.lack(session_id) is None

    async def standing(self, session_id: str) -> HlsStanding:
        """See `HlsSource.standing`."""
        lack = self._shelf.lack(session_id) if self._on else "off"
        watching = self._watchers.count(session_id)
        return HlsStanding(
            picture=lack is None,
            sound=lack not in {"off", "not_publishing", "cut"},
            lack=lack,
            watching=watching,
            low_latency=watching < PARTS_FOR,
        )

    async def playlist(self, request: HlsRequest) -> str | MediaRefusal:
        """See `HlsSource.playlist`."""
        if not self._on:
            return _OFF
        refusal = self._let_in(request)
        if refusal is not None:
            return refusal
        return await self._shelf.playlist(request)

    async def piece(self, name: str) -> bytes | None:
        """See `HlsSource.piece`."""
        return await self._shelf.piece(name)

    def _gone(self) -> None:
        if self.when_gone is not None:
            self.when_gone()

    def _let_in(self, request: HlsRequest) -> MediaRefusal | None:
        owner = LegOwner(
            request.session_id,
            request.participant_id,
            "viewer",
            None,
            picture=request.which != "sound",
        )
        if not (self._elsewhere or self._watchers.knows(owner)):
            # Who goes on from the sound to the picture is not counted twice.
            self._watchers.forget(owner.session_id, owner.participant_id)
            admitted = self._admit(owner)
            if isinstance(admitted, MediaRefusal):
                return admitted
            if admitted.most is not None:
                return _TOO_LARGE
        self._watchers.note(owner)
        return None
