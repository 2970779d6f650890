"""Which addresses of this machine a peer is offered."""

import ipaddress

import ifaddr


def offered_addresses(public_ip: str | None, *, ipv6: bool) -> tuple[str, ...]:
    """Every address at which the port answers, best first, each once.

    `public_ip` comes first: behind a NAT it is the only one that helps. Then the interfaces' own,
    IPv4 before IPv6 (some players look at the first candidate only), loopback last of its kind: a
    browser on this machine gathers no loopback candidate and needs an interface's. Link-local IPv6
    addresses are left out, since they mean nothing without the interface they belong to.
    """
    found = [
        ipaddress.ip_address(entry.ip if isinstance(entry.ip, str) else entry.ip[0])
        for adapter in ifaddr.get_adapters()
        for entry in adapter.ips
    ]
    usable = sorted(
        {
            address
            for address in found
            if not address.is_link_local and (address.version == 4 or ipv6)
        },
        key=lambda address: (address.version, address.is_loopback, address.packed),
    )
    first = [] if public_ip is None else [str(ipaddress.ip_address(public_ip))]
    return tuple(dict.fromkeys([*first, *map(str, usable)]))


def host_candidates(
    addresses: tuple[str, ...], port: int, tcp_port: int | None = None
) -> tuple[str, ...]:
    """Candidate attributes (RFC 8839) for `addresses`, without the leading `a=candidate:`; with a
    `tcp_port` also those of connections to it (RFC 6544), which come after all others.
    """
    lines = []
    for rank, address in enumerate(addresses):
        # RFC 8445 section 5.1.2: type preference 126 for host, then the rank, component 1.
        priority = (126 << 24) | ((65_535 - rank) << 8) | 255
        lines.append(f"{rank + 1} 1 udp {priority} {address} {port} typ host")
    for rank, address in enumerate(addresses if tcp_port is not None else ()):
        # RFC 6544 section 4.2: a type preference below that of UDP, direction preference 4.
        priority = (90 << 24) | (((4 << 13) | (8_191 - rank)) << 8) | 255
        found_at = f"{address} {tcp_port} typ host tcptype passive"
        lines.append(f"{len(addresses) + rank + 1} 1 tcp {priority} {found_at}")
    return tuple(lines)
