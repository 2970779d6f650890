"""HLS where another server has picture and sound: there is none."""

from live.ports.hls import HlsRequest, HlsStanding
from live.ports.media_refusals import MediaRefusal


class NoHls:
    """`HlsSource` without anything: packets go elsewhere, so nothing of them can be cut here."""

    async def standing(self, session_id: str) -> HlsStanding:  # noqa: ARG002 - the port's
        """See `HlsSource.standing`."""
        return HlsStanding(picture=False, sound=False, lack="off")

    async def playlist(self, request: HlsRequest) -> str | MediaRefusal:  # noqa: ARG002 - the port's
        """See `HlsSource.playlist`."""
        return MediaRefusal("hls_unavailable", "Another server has picture and sound.")

    async def piece(self, name: str) -> bytes | None:  # noqa: ARG002 - the port's
        """See `HlsSource.piece`."""
        return None
