"""What the parts of the application share, made once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from app.accounts import Accounts
from app.auth import Authenticator
from app.bans import Bans
from app.brand import Brands
from app.entry import Entry
from app.evasion import Evasion
from app.hearing import Hearing
from app.leaving import Leaving
from app.limits import Rate, RateLimiter
from app.network import Addresses
from app.nodes import Nodes, SharedLimiter
from app.receipts import Receipts
from app.recording import Recordings
from app.rehearsal import Rehearsals
from app.settings import Settings
from app.slates import Slates
from app.stage import StageManager
from live.adapters.sql.database import Database
from live.gateway.gateway import Gateway
from live.ports.clock import Clock, Entropy
from live.ports.hls import HlsSource
from live.ports.media import MediaEngine
from live.ports.store import Directory, Store
from live.room.rooms import Rooms

SEARCHES: Final = Rate(count=30, period_s=10.0)
"""How often one of the team may search."""

MEDIA_CALLS: Final = Rate(count=600, period_s=60.0)
"""How often one person may publish, watch or change a leg: what each says is read by the process
that forwards everyone's packets. Two hundred places of a hall may share one name, all at once.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One installation at work."""

    settings: Settings
    version: str
    clock: Clock
    entropy: Entropy
    addresses: Addresses
    database: Database
    store: Store
    directory: Directory
    rooms: Rooms
    gateway: Gateway
    media: MediaEngine
    hls: HlsSource
    stage: StageManager
    slates: Slates
    recordings: Recordings
    authenticator: Authenticator
    accounts: Accounts
    brands: Brands
    entry: Entry
    leaving: Leaving
    bans: Bans
    evasion: Evasion
    nodes: Nodes
    joins: SharedLimiter
    sign_ins: SharedLimiter
    hearing: Hearing
    receipts: Receipts
    rehearsals: Rehearsals = field(default_factory=Rehearsals)
    searches: RateLimiter = field(default_factory=lambda: RateLimiter(SEARCHES))
    media_calls: RateLimiter = field(default_factory=lambda: RateLimiter(MEDIA_CALLS))
