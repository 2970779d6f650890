"""What an offer and a session's codec come to: pure, and decided before Janus is asked."""

import re
from dataclasses import dataclass
from typing import Final

from live.media.codecs import CARRIED_SENTENCE, Codec, Kind
from live.media.handoff.legs import Profile, codec_name, stream_name
from live.media.handoff.mediation import Slot
from live.media.offer import Offer, OfferedSection
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SEATS

USUAL_VIDEO: Final = 96
USUAL_AUDIO: Final = 111

Sending = dict[Kind, tuple[OfferedSection, Codec]]


def sending(offer: Offer, other: Codec | None) -> Sending | MediaRefusal:
    """What a publisher may send: its first picture and its first sound. `other` is what another
    seat sends its picture in: viewers are sent one codec alone.
    """
    found: Sending = {}
    for section in offer.sections:
        if section.kind is None or not section.sends or section.kind in found:
            continue
        codecs = [
            codec
            for codec in section.codecs
            if section.kind == "audio" or other is None or codec_name(codec) == codec_name(other)
        ]
        if not codecs:
            wanted = CARRIED_SENTENCE if other is None else f"{other.name}, as the others do"
            return MediaRefusal("codec", f"Offer {wanted}; nothing else is carried.")
        found[section.kind] = (section, min(codecs, key=lambda codec: codec.reach))
    if not found:
        return MediaRefusal("malformed_sdp", "The offer sends neither picture nor sound.")
    return found


@dataclass(frozen=True, slots=True)
class Viewing:
    """What a viewer offers, and what it is to get of it."""

    offer: Offer
    offer_sdp: str
    slots: list[Slot]
    profile: Profile


def receiving(offer: Offer, offer_sdp: str, video: Codec | None) -> Viewing | MediaRefusal:
    """Which section gets what: the n-th picture and the n-th sound are the n-th seat's. `video` is
    what pictures come in; None: there are none.
    """
    slots: list[Slot] = []
    types: dict[Kind, int] = {}
    counts: dict[Kind, int] = {"audio": 0, "video": 0}
    wanted = 0
    for index, section in enumerate(offer.sections):
        kind = section.kind
        if kind is None or not section.receives or counts[kind] == len(SEATS):
            continue
        seat = SEATS[counts[kind]]
        counts[kind] += 1
        if kind == "video" and video is None:
            continue
        wanted += kind == "video"
        codec = next(
            (
                each
                for each in section.codecs
                if (video is None or kind == "audio" or each.takes(video))
                and types.get(kind, each.payload_type) == each.payload_type
            ),
            None,
        )
        if codec is not None:
            types[kind] = codec.payload_type
            slots.append(Slot(index, stream_name(kind, seat), codec))
    if not slots or (wanted and "video" not in types):
        sent = "Opus" if video is None else video.name
        return MediaRefusal("codec", f"The show is sent as {sent}, which this player cannot take.")
    return Viewing(offer, offer_sdp, slots, _profile(slots, video))


def _profile(slots: list[Slot], video: Codec | None) -> Profile:
    """The mountpoint that these slots can be served from."""
    types = {slot.codec.kind: slot.codec.payload_type for slot in slots}
    audio_type = types.get("audio", USUAL_AUDIO)
    video_type = types.get("video", USUAL_VIDEO)
    if video_type == audio_type:
        # Of one that nobody here receives, any other number will do.
        video_type, audio_type = (
            (video_type, video_type - 1) if "video" in types else (audio_type - 1, audio_type)
        )
    return Profile(
        video="VP8" if video is None else codec_name(video),
        video_type=video_type,
        audio_type=audio_type,
        parameters="" if video is None else video.parameters,
    )


def taken_type(answer: str, section: OfferedSection) -> int | None:
    """Under which payload type an answer takes a section; None if it declined it."""
    for part in re.split(r"^(?=m=)", answer, flags=re.MULTILINE)[1:]:
        mid = re.search(r"^a=mid:(\S+)", part, re.MULTILINE)
        head = re.match(r"m=\w+ (\d+) \S+ (\d{1,3})\b", part)
        if mid and head and mid[1] == section.mid:
            return None if head[1] == "0" else int(head[2])
    return None


def agreed(answer: str, section: OfferedSection) -> Codec | None:
    """Which of a section's codecs an answer took first, if it is one that we know."""
    taken = taken_type(answer, section)
    return next((codec for codec in section.codecs if codec.payload_type == taken), None)
