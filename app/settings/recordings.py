"""Where recordings of shows go, and how long they stay: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from app.setting import Setting, parse_path, positive_or_none, whole


@dataclass(frozen=True, kw_only=True)
class RecordingSettings:
    """What an operator may say about recordings; part of ``Settings``."""

    recordings_dir: Annotated[
        Path | None,
        Setting(
            "CAUSERIE_RECORDINGS_DIR",
            parse_path,
            "",
            "Folder for the recordings of shows.",
            "recordings, in the data folder",
        ),
    ]
    recordings_max_gb: Annotated[
        int | None,
        Setting(
            "CAUSERIE_RECORDINGS_MAX_GB",
            positive_or_none("gigabytes"),
            "",
            "How much all recordings together may hold; then nothing more is recorded.",
            "none",
        ),
    ]
    recordings_spare_gb: Annotated[
        int,
        Setting(
            "CAUSERIE_RECORDINGS_SPARE_GB",
            whole("gigabytes"),
            "2",
            "How much of the disk recordings leave free.",
        ),
    ]
    recordings_keep_days: Annotated[
        int,
        Setting(
            "CAUSERIE_RECORDINGS_KEEP_DAYS",
            whole("days"),
            "90",
            "After how many days recordings are deleted; 0: when the owner does it.",
        ),
    ]
