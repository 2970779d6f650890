"""The installation's one secret, and the keys that are drawn from it.

It lives in the data folder, readable by its owner alone. Losing it signs every device out and
nothing worse: what must outlast it (passwords, credentials) is in the database.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from app.setting import SettingError

KEY_BYTES: Final = 32
KEY_FILE: Final = "secret.key"


class Keys:
    """Keys for separate purposes, so that what one signs another does not accept."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def of(cls, folder: Path) -> Keys:
        """The keys of a data folder; its secret is drawn the first time."""
        path = folder / KEY_FILE
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            secret = path.read_bytes()
        else:
            secret = secrets.token_bytes(KEY_BYTES)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
        if len(secret) != KEY_BYTES:
            raise SettingError(
                "CAUSERIE_DATA_DIR",
                str(folder),
                f"its {KEY_FILE} is damaged; put it back from a backup or delete it",
            )
        return cls(secret)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, the same at every start."""
        return hashlib.blake2b(purpose.encode(), key=self._secret, digest_size=32).digest()


def new_token() -> str:
    """A bearer token or invite: 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token. Unsalted: 256 random bits cannot be guessed from their hash."""
    return hashlib.sha256(token.encode()).digest()
