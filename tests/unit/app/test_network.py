"""Forwarding headers count from trusted proxies alone; others make nobody loopback."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from app.network import Addresses, Visitor
from app.settings import Settings


def addresses(**settings: str) -> Addresses:
    given = {f"CAUSERIE_{name.upper()}": value for name, value in settings.items()}
    return Addresses(Settings.read(given), port=8000)


def visitor(known: Addresses, peer: str, host: str = "127.0.0.1:8000", **headers: str) -> Visitor:
    scope: dict[str, Any] = {
        "type": "http",
        "client": (peer, 40_000),
        "scheme": "http",
        "headers": [
            (b"host", host.encode()),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    return known.visitor(scope)


def test_a_request_from_this_machine_is_loopback() -> None:
    seen = visitor(addresses(), "127.0.0.1")
    assert seen.loopback
    assert seen.origin == "http://127.0.0.1:8000"
    assert visitor(addresses(), "::1", host="localhost:8000").loopback


def test_a_foreign_name_that_resolves_to_loopback_gains_nothing() -> None:
    seen = visitor(addresses(), "127.0.0.1", host="evil.example:8000")
    assert not seen.loopback
    assert seen.origin is None


@pytest.mark.parametrize(
    "header", ["forwarded", "x_forwarded_for", "x_forwarded_host", "x_forwarded_proto", "x_real_ip"]
)
def test_a_forwarding_header_from_elsewhere_is_never_taken_for_loopback_and_is_warned_of_by_name(
    header: str,
) -> None:
    known = addresses()
    with capture_logs() as logged:
        seen = visitor(known, "127.0.0.1", **{header: "127.0.0.1"})
        visitor(known, "127.0.0.1", **{header: "127.0.0.1"})
    assert not seen.loopback
    assert not seen.secure
    assert seen.address == "127.0.0.1"
    assert [line["header"] for line in logged] == [header.replace("_", "-")]
    assert logged[0]["log_level"] == "warning"


def test_a_trusted_proxy_tells_address_scheme_and_host() -> None:
    known = addresses(trusted_proxies="127.0.0.1,10.0.0.0/8")
    seen = visitor(
        known,
        "127.0.0.1",
        x_forwarded_for="203.0.113.9, 198.51.100.7, 10.1.2.3",
        x_forwarded_proto="https",
        x_forwarded_host="live.example.org",
    )
    assert seen.address == "198.51.100.7"
    assert seen.secure
    assert not seen.loopback
    assert seen.origin == "https://live.example.org"


def test_links_and_origins_follow_the_public_url_where_one_is_set() -> None:
    known = addresses(public_url="https://live.example.org")
    outside = visitor(known, "203.0.113.9", host="live.example.org")
    assert known.base(outside) == "https://live.example.org"
    assert known.is_ours("https://live.example.org", outside)
    assert not known.is_ours("http://live.example.org", outside)
    assert not known.is_ours("https://live.example.org.evil.example", outside)
    assert outside.secure
    local = visitor(known, "127.0.0.1")
    assert known.is_ours("http://127.0.0.1:8000", local)


def test_an_origin_of_nothing_is_not_ours() -> None:
    known = addresses()
    stranger = visitor(known, "127.0.0.1", host="evil.example")
    for origin in ("null", "", "None", "http://evil.example"):
        assert not known.is_ours(origin, stranger)


def test_households_of_ipv6_count_as_one() -> None:
    known = addresses()
    one = visitor(known, "2001:db8:1:2::3")
    other = visitor(known, "2001:db8:1:2:ffff::1")
    assert one.network == other.network
    assert visitor(known, "203.0.113.9").network == "203.0.113.9"
