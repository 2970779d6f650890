"""Numbers of any count of bits, one after the other, as headers of VP9 and AV1 have them."""


class Bits:
    """Reads from the highest bit of the first byte on."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        """The next `count` bits as a number. Raises `IndexError` where so many are not left."""
        self._left -= count
        if self._left < 0:
            raise IndexError
        return self._number >> self._left & (1 << count) - 1
