"""The video path: WHIP in, WHEP out, packets forwarded and never transcoded.

The rest of the server sees `MediaSupervisor` (the media port of `live.ports.media`) and
`MediaSettings`; everything else here runs in the media process.
"""

from live.media.settings import MediaSettings
from live.media.supervisor import MediaSupervisor

__all__ = ["MediaSettings", "MediaSupervisor"]
