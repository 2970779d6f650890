"""Values: dataclasses that nothing changes, made as quickly as those that may be changed.

A frozen dataclass sets each field by a call, four times the time of an assignment, and a post makes
thirty of them. So it is the type checker that keeps these as they are: to it ``dataclass`` is the
standard one, and all of this code is checked. Import it from here where values are made by the
thousand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool) -> Callable[[type], type]:
        """A dataclass that is compared and hashed as if it were ``frozen``."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["dataclass"]
