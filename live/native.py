"""Parts in C, which an installation has where a C compiler was when it was made.

Each stands beside the Python that does the same (``frontend/build_hook.py`` compiles it), is called
by cffi and links to the C library alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cffi import FFI


@dataclass(frozen=True, slots=True)
class Native:
    """A loaded library, or why there is none."""

    library: Any
    reason: str
    """A sentence: what runs, and why."""

    @property
    def runs(self) -> bool:
        """Whether it is the part in C that runs."""
        return self.library is not None


def load(ffi: FFI, path: Path, version: int, *, wanted: bool, does: str) -> Native:
    """The library at ``path`` if it is ``wanted``, is there and has this version of the layouts
    that ``ffi`` declares; never an error. ``does`` is what it then does, for the sentence."""
    if not wanted:
        return Native(None, "in plain Python: the accelerator is switched off")
    if not path.is_file():
        return Native(None, "in plain Python: no C compiler was there when Causerie was installed")
    try:
        library = ffi.dlopen(str(path))
        fits = library.causerie_version() == version
    except (OSError, AttributeError) as error:
        return Native(None, f"in plain Python: the accelerator cannot be loaded ({error})")
    if not fits:
        return Native(None, "in plain Python: the accelerator is of another version, install again")
    return Native(library, f"accelerated: {does} by C")
