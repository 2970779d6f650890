"""Which codecs are carried, and whether two peers have one in common.

Nothing here encodes or decodes: a codec is a name, its payload type on one leg, and its format
parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from aiortc import sdp
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

Kind = Literal["audio", "video"]
CodecName = Literal["VP8", "H264", "VP9", "AV1", "opus"]

_CARRIED: Final[dict[str, CodecName]] = {
    "video/vp8": "VP8",
    "video/h264": "H264",
    "video/vp9": "VP9",
    "video/av1": "AV1",
    "audio/opus": "opus",
}

_CLOCK_RATES: Final[dict[Kind, int]] = {"video": 90_000, "audio": 48_000}
"""The only ones that these codecs have in RTP: nothing is reckoned with a stranger's number."""

PAYLOAD_TYPES: Final = range(128)
"""What the seven bits of a packet's header can say."""

_Profile = sdp.H264Profile

# ITU-T H.264 and the AV1 bitstream, annex A.2 of both: a decoder of a profile decodes these too.
_DECODES: Final[dict[str, tuple[str, ...]]] = {
    _Profile.PROFILE_MAIN.name: (
        _Profile.PROFILE_CONSTRAINED_BASELINE.name,
        _Profile.PROFILE_MAIN.name,
    ),
    _Profile.PROFILE_CONSTRAINED_HIGH.name: (
        _Profile.PROFILE_CONSTRAINED_BASELINE.name,
        _Profile.PROFILE_CONSTRAINED_HIGH.name,
    ),
    _Profile.PROFILE_HIGH.name: (
        _Profile.PROFILE_CONSTRAINED_BASELINE.name,
        _Profile.PROFILE_MAIN.name,
        _Profile.PROFILE_CONSTRAINED_HIGH.name,
        _Profile.PROFILE_HIGH.name,
    ),
    "AV1 1": ("AV1 0", "AV1 1"),
    "AV1 2": ("AV1 0", "AV1 1", "AV1 2"),
}

_REACH: Final = {
    "VP8": 0,
    "opus": 0,
    _Profile.PROFILE_CONSTRAINED_BASELINE.name: 1,
    "H264": 2,
    "VP9 0": 3,
    "AV1 0": 4,
}
_LEAST_REACH: Final = 5

CARRIED_SENTENCE: Final = "VP8, H264 (packetization mode 1), VP9 or AV1 for video, Opus for sound"


@dataclass(frozen=True, slots=True)
class Codec:
    """One codec as a peer offers it on one leg."""

    kind: Kind
    name: CodecName
    payload_type: int
    rtx_payload_type: int | None
    clock_rate: int
    channels: int | None
    parameters: str
    """The `a=fmtp` text, to be echoed in an answer."""
    feedback: tuple[str, ...]
    profile: str | None
    """Which decoders understand it: RFC 6184's name of the profile for H264, `VP9 0` and the like
    for VP9 and AV1; None for codecs without profiles.
    """

    @property
    def rtpmap(self) -> str:
        """The `a=rtpmap` text without its payload type."""
        channels = "" if self.channels in (None, 1) else f"/{self.channels}"
        return f"{self.name}/{self.clock_rate}{channels}"

    @property
    def reach(self) -> int:
        """How widely it is understood, 0 being everywhere: every browser has VP8."""
        return _REACH.get(self.profile or "", _REACH.get(self.name, _LEAST_REACH))

    def takes(self, sent: "Codec") -> bool:
        """Whether who offered this to receive can decode what another sends as `sent`."""
        if self.name != sent.name:
            return False
        return sent.profile in _DECODES.get(self.profile or "", (self.profile,))

    def same_as(self, sent: "Codec") -> bool:
        """Whether it is that very codec and profile."""
        return (self.name, self.profile) == (sent.name, sent.profile)


def preferred(offered: tuple[Codec, ...], *, h264_first: bool = False) -> Codec:
    """Of what a publisher offers (at least one), the codec that keeps most viewers; or H264, which
    browsers play from HLS.
    """
    return min(offered, key=lambda codec: (h264_first and codec.name != "H264", codec.reach))


def carried_codecs(media: sdp.MediaDescription) -> tuple[Codec, ...]:
    """The codecs of an offered media section that we carry, in the peer's order of preference."""
    by_payload_type = {codec.payloadType: codec for codec in media.rtp.codecs}
    retransmissions = {
        codec.parameters.get("apt"): codec.payloadType
        for codec in media.rtp.codecs
        if codec.mimeType.lower() == f"{media.kind}/rtx" and codec.payloadType in PAYLOAD_TYPES
    }
    found = []
    for payload_type in media.fmt:
        offered = by_payload_type.get(payload_type)
        if offered is None or payload_type not in PAYLOAD_TYPES:
            continue
        codec = _codec(offered, payload_type, retransmissions.get(payload_type))
        if codec is not None:
            found.append(codec)
    return tuple(found)


def _codec(
    offered: RTCRtpCodecParameters, payload_type: int, rtx_payload_type: int | None
) -> Codec | None:
    name = _CARRIED.get(offered.mimeType.lower())
    kind: Kind = "audio" if name == "opus" else "video"
    if name is None or offered.clockRate != _CLOCK_RATES[kind]:
        return None
    profile = None
    if name in _PROFILES:
        profile = _PROFILES[name](offered)
        if profile is None:
            return None
    return Codec(
        kind=kind,
        name=name,
        payload_type=payload_type,
        rtx_payload_type=rtx_payload_type,
        clock_rate=offered.clockRate,
        channels=offered.channels,
        parameters=sdp.parameters_to_sdp(offered.parameters),
        feedback=tuple(
            fb.type if fb.parameter is None else f"{fb.type} {fb.parameter}"
            for fb in offered.rtcpFeedback
        ),
        profile=profile,
    )


def _h264_profile(offered: RTCRtpCodecParameters) -> str | None:
    """The profile's name; None for packetization mode 0, which browsers do not send."""
    if str(offered.parameters.get("packetization-mode", "0")) != "1":
        return None
    # RFC 6184 section 8.1: without the parameter it is baseline, level 1.
    text = str(offered.parameters.get("profile-level-id", "42000a"))
    try:
        profile, _ = sdp.parse_h264_profile_level_id(text)
    except ValueError:
        return None
    # Baseline's extra tools (slice groups, redundant slices) are made by no encoder in use, and
    # decoders announce the two profiles interchangeably.
    if profile is _Profile.PROFILE_BASELINE:
        profile = _Profile.PROFILE_CONSTRAINED_BASELINE
    return profile.name


def _numbered_profile(name: CodecName, parameter: str) -> Callable[[RTCRtpCodecParameters], str]:
    """The profile that a parameter names (RFC 9628 section 6.1, AV1's payload format section
    7.2.1): 0 without it.
    """
    return lambda offered: f"{name} {offered.parameters.get(parameter, 0)}"


_PROFILES: Final[dict[CodecName, Callable[[RTCRtpCodecParameters], str | None]]] = {
    "H264": _h264_profile,
    "VP9": _numbered_profile("VP9", "profile-id"),
    "AV1": _numbered_profile("AV1", "profile"),
}
