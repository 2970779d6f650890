"""The video path: WHIP in, WHEP out, packets forwarded and never transcoded.

The rest of the server sees `MediaSupervisor` (the media port of `live.ports.media`), `SharedMedia`
(the same where several nodes serve) and `MediaSettings`; everything else here runs in the media
process.
"""

from live.media.settings import MediaSettings
from live.media.shared import SharedMedia
from live.media.supervisor import MediaSupervisor

__all__ = ["MediaSettings", "MediaSupervisor", "SharedMedia"]
