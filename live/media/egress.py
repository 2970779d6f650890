"""How much is sent, from one look to the next."""


class EgressMeter:
    """Bits a second from a count of octets that only grows."""

    def __init__(self) -> None:
        self.bps = 0
        """Between the latest two notes; 0 before there are two."""
        self._latest: tuple[float, int] | None = None

    def note(self, octets: int, now: float) -> None:
        """So many octets were sent by `now`."""
        if self._latest is not None:
            at, before = self._latest
            self.bps = int((octets - before) * 8 / (now - at)) if now > at else self.bps
        self._latest = (now, octets)
