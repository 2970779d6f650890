"""Everything an operator may set, read once, refused in one sentence where it cannot work.

Each setting is a field that explains itself, in the module of its subject; the command line makes
its options from these fields, so that flag, variable, default and help are written once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_type_hints

from app.setting import PREFIX, Setting
from app.settings.addresses import AddressSettings
from app.settings.door import DoorSettings
from app.settings.ear import EarSettings
from app.settings.engine import EngineSettings
from app.settings.handoff import HandoffSettings
from app.settings.hls import HlsSettings
from app.settings.nodes import NodeSettings
from app.settings.privacy import PrivacySettings
from app.settings.reach import ReachSettings
from app.settings.recordings import RecordingSettings
from app.settings.storage import StorageSettings
from app.settings.translation import TranslationSettings


# Without slots, all of them: of several bases Python takes one with slots at most.
@dataclass(frozen=True, kw_only=True)
class Settings(
    AddressSettings,
    StorageSettings,
    NodeSettings,
    DoorSettings,
    EngineSettings,
    ReachSettings,
    HlsSettings,
    HandoffSettings,
    RecordingSettings,
    EarSettings,
    TranslationSettings,
    PrivacySettings,
):
    """What this installation was told; made by ``read``, never changed afterwards."""

    @property
    def udp_ports(self) -> range:
        """The UDP ports of all media processes on this machine."""
        return self.udp_ports_of(self.workers)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Settings:
        """Settings from texts by variable name; what is absent or empty takes its default.

        Raises ``SettingError`` for the first value that cannot work. Secrets are not repeated.
        """
        settings = cls(
            **{
                name: setting.read(given.get(setting.variable, "").strip() or setting.default)
                for name, setting in SETTINGS.items()
            }
        )
        settings.check_addresses()
        settings.check_udp_ports(settings.workers)
        settings.check_nodes(settings.database_url)
        settings.check_translator()
        settings.check_handoff(hls=settings.hls)
        settings.check_reach(len(settings.udp_ports), settings.port)
        return settings


SETTINGS: Final[Mapping[str, Setting]] = {
    name: hint.__metadata__[0]
    for subject in Settings.__bases__
    for name, hint in get_type_hints(subject, include_extras=True).items()
}
"""Each setting by the name of its field, subject by subject."""


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Names that look like settings and are none, for a warning: a typing error is never silent."""
    known = {setting.variable for setting in SETTINGS.values()}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
