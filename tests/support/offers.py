"""Session descriptions for tests: what a browser would offer, in as few lines as do."""

from __future__ import annotations

FINGERPRINT = ":".join(["AB"] * 32)
HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
TRANSPORT = (
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    f"a=fingerprint:sha-256 {FINGERPRINT}\r\na=setup:actpass\r\na=rtcp-mux\r\n"
)


def offer(direction: str, *, video: str = "VP8/90000") -> str:
    """An offer of Opus and one video codec; ``direction`` is ``sendonly`` or ``recvonly``."""
    audio = (
        f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{TRANSPORT}a=mid:0\r\na={direction}\r\n"
        "a=rtpmap:111 opus/48000/2\r\n"
    )
    picture = (
        f"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n{TRANSPORT}a=mid:1\r\na={direction}\r\n"
        f"a=rtpmap:96 {video}\r\n"
    )
    return HEAD + audio + picture


def foreign_codecs(direction: str) -> str:
    """An offer of nothing that we carry: G.722 and H265."""
    made = offer(direction, video="H265/90000")
    return made.replace("111", "9").replace("opus/48000/2", "G722/8000")
