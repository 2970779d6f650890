"""Whether a show is recorded, and what stopped it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Trouble = Literal["disk_full", "quota_full", "unwritable"]


class Recording(StrEnum):
    """The team's choice; or, once the disk was in its way, the reason why it ended."""

    OFF = "off"
    ON = "on"
    DISK_FULL = "disk_full"
    QUOTA_FULL = "quota_full"
    UNWRITABLE = "unwritable"

    @property
    def trouble(self) -> Trouble | None:
        """What ended it; None where nothing did."""
        match self:
            case Recording.OFF | Recording.ON:
                return None
            case Recording.DISK_FULL:
                return "disk_full"
            case Recording.QUOTA_FULL:
                return "quota_full"
            case Recording.UNWRITABLE:
                return "unwritable"


@dataclass(frozen=True, slots=True)
class SetRecording:
    """The server: the host or the owner chose, or the disk did."""

    recording: Recording
