"""Which of several media processes one is, and where they find each other."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Process `index` of `count`; their sockets are in `folder`, which nobody else can enter."""

    folder: str
    index: int
    count: int

    def path(self, index: int) -> Path:
        """The socket of one of them."""
        return Path(self.folder) / str(index)
