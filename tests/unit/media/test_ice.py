"""Connectivity checks: who is answered, and where a peer is reached."""

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from live.media.addresses import host_candidates, offered_addresses
from live.media.ice import (
    ADDRESSES_LIMIT,
    TAKEOVER_SILENCE_S,
    IceCredentials,
    IceLite,
    ufrag_of_check,
)

HOME = ("::ffff:192.0.2.1", 5_000, 0, 0)
TRAIN = ("2001:db8::7", 6_000, 0, 0)


@pytest.fixture
def ice() -> IceLite:
    return IceLite(IceCredentials())


def check(credentials: IceCredentials, *, nominated: bool = True, password: str = "") -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{credentials.ufrag}:them"
    if nominated:
        request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity((password or credentials.password).encode())
    return bytes(request)


def test_an_authentic_check_is_answered_with_the_senders_address(ice: IceLite) -> None:
    for address, plain in ((HOME, ("192.0.2.1", 5_000)), (TRAIN, ("2001:db8::7", 6_000))):
        answer = ice.answer(check(ice.credentials), address, 1.0)
        assert answer is not None
        message = stun.parse_message(answer)
        assert message.check_message_integrity(ice.credentials.password.encode())
        assert message.attributes["XOR-MAPPED-ADDRESS"] == plain


def test_a_wrong_password_moves_nothing_and_is_not_answered(ice: IceLite) -> None:
    assert ice.answer(check(ice.credentials, password="x" * 24), HOME, 1.0) is None
    assert ice.selected is None
    assert ice.addresses == ()


def test_a_nominating_check_from_a_new_address_moves_the_peer_there(ice: IceLite) -> None:
    ice.answer(check(ice.credentials), HOME, 1.0)
    ice.answer(check(ice.credentials), TRAIN, 1.1)
    assert ice.selected == TRAIN


def test_a_mere_check_moves_the_peer_only_when_the_old_address_is_silent(ice: IceLite) -> None:
    ice.answer(check(ice.credentials, nominated=False), HOME, 1.0)
    assert ice.selected == HOME
    ice.answer(check(ice.credentials, nominated=False), TRAIN, 1.5)
    assert ice.selected == HOME
    ice.answer(check(ice.credentials, nominated=False), TRAIN, 1.1 + TAKEOVER_SILENCE_S)
    assert ice.selected == TRAIN


def test_old_credentials_hold_until_the_new_ones_are_used(ice: IceLite) -> None:
    old = ice.credentials
    ice.answer(check(old), HOME, 1.0)
    new = ice.restart()
    assert new != old
    assert ice.answer(check(old), HOME, 2.0) is not None
    assert ice.answer(check(new), HOME, 3.0) is not None
    assert ice.answer(check(old), HOME, 4.0) is None


def test_a_peer_that_comes_from_everywhere_is_remembered_in_a_few_places(ice: IceLite) -> None:
    ice.answer(check(ice.credentials), HOME, 0.0)
    for port in range(100):
        ice.answer(check(ice.credentials, nominated=False), ("2001:db8::9", port, 0, 0), 0.1)
    assert len(ice.addresses) == ADDRESSES_LIMIT
    assert ice.selected == HOME


def test_a_check_names_its_leg_before_it_is_parsed(ice: IceLite) -> None:
    assert ufrag_of_check(check(ice.credentials)) == ice.credentials.ufrag


@given(st.binary(max_size=600))
def test_no_datagram_is_too_broken_to_look_at(datagram: bytes) -> None:
    ice = IceLite(IceCredentials())
    for prefix in (b"", check(ice.credentials)[:20], check(ice.credentials)):
        ufrag_of_check(prefix + datagram)
        ice.answer(prefix + datagram, HOME, 1.0)


def test_the_public_address_is_offered_first_and_loopback_after_the_interfaces() -> None:
    offered = offered_addresses("203.0.113.7", ipv6=True)
    assert offered[0] == "203.0.113.7"
    assert "127.0.0.1" in offered[1:]
    assert not any(address.startswith("fe80") for address in offered)
    assert len(set(offered)) == len(offered)
    assert not any(":" in address for address in offered_addresses(None, ipv6=False))


def test_candidates_rank_in_the_order_of_the_addresses() -> None:
    first, second = host_candidates(("203.0.113.7", "10.0.0.1"), 8189)
    assert first.endswith("203.0.113.7 8189 typ host")
    assert int(first.split()[3]) > int(second.split()[3])
