"""What an operator may choose about the video path, checked before a process is started."""

import ipaddress
from dataclasses import dataclass

from live.ports.media import MediaStartError


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """The video path's settings; the defaults are those of the public contract."""

    udp_port: int = 8189
    """The one UDP port of all legs (`CAUSERIE_UDP_PORT`); 0 lets the system choose, for tests."""

    workers: int = 1
    """How many processes share the viewers (`CAUSERIE_MEDIA_WORKERS`); each has a port of its own,
    counted from `udp_port`, and from `tcp_port`.
    """

    public_ip: str | None = None
    """The address offered first (`CAUSERIE_PUBLIC_IP`), where a NAT hides it; None: the
    interfaces' own.
    """

    accelerator: bool = True
    """Whether the forwarder's loop may be the one in C (`CAUSERIE_MEDIA_ACCELERATOR`)."""

    tcp_port: int | None = None
    """The TCP port for those whose network blocks UDP (`CAUSERIE_MEDIA_TCP_PORT`); None: there is
    none.
    """

    max_legs: int = 2_000
    """Publishers and viewers together; more are refused with `overloaded`."""

    max_legs_per_participant: int = 256
    """What one participant may hold of them, so that nobody uses up everyone's."""

    max_viewers: int | None = None
    """Viewers of all sessions together (`CAUSERIE_MAX_VIEWERS`); more are refused with `full`."""

    egress_mbit: int | None = None
    """What the link to the viewers carries (`CAUSERIE_EGRESS_MBIT`); beyond it likewise."""

    hls: bool = False
    """Whether what is on air is cut for HLS too (`CAUSERIE_HLS`)."""

    hls_elsewhere: bool = False
    """Whether others pass its pieces on (`CAUSERIE_HLS_BASE_URL`), at no cost to this link."""

    def check(self) -> None:
        """Raise `MediaStartError` for a value that cannot work."""
        if not 0 <= self.udp_port <= 65_535:
            raise MediaStartError(
                "CAUSERIE_UDP_PORT", str(self.udp_port), "a UDP port is a number from 0 to 65535"
            )
        if self.udp_port and self.udp_port + self.workers - 1 > 65_535:
            raise MediaStartError(
                "CAUSERIE_UDP_PORT",
                str(self.udp_port),
                f"{self.workers} media processes need that many ports up to 65535",
            )
        if self.public_ip is None:
            return
        try:
            address = ipaddress.ip_address(self.public_ip)
        except ValueError:
            raise MediaStartError(
                "CAUSERIE_PUBLIC_IP",
                self.public_ip,
                "give the server's address as numbers, such as 203.0.113.7 or 2001:db8::7",
            ) from None
        if address.is_unspecified or address.is_multicast:
            raise MediaStartError(
                "CAUSERIE_PUBLIC_IP", self.public_ip, "give an address that a viewer can send to"
            )
