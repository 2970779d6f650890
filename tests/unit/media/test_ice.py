"""Connectivity checks: who is answered, and where a peer is reached."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from live.media.addresses import host_candidates, offered_addresses
from live.media.checks import Check, read_check
from live.media.ice import ADDRESSES_LIMIT, TAKEOVER_SILENCE_S, IceCredentials, IceLite

HOME = ("::ffff:192.0.2.1", 5_000, 0, 0)
TRAIN = ("2001:db8::7", 6_000, 0, 0)


@pytest.fixture
def ice() -> IceLite:
    return IceLite(IceCredentials())


def request(credentials: IceCredentials, *, nominated: bool = True, password: str = "") -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{credentials.ufrag}:them"
    message.attributes["PRIORITY"] = 1_845_501_695
    if nominated:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity((password or credentials.password).encode())
    return bytes(message)


def check(credentials: IceCredentials, *, nominated: bool = True, password: str = "") -> Check:
    read = read_check(request(credentials, nominated=nominated, password=password))
    assert read is not None
    return read


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


def test_a_check_names_whom_it_is_for_and_what_it_wants(ice: IceLite) -> None:
    plain, nominating = (check(ice.credentials, nominated=wish) for wish in (False, True))
    assert plain.ufrag == nominating.ufrag == ice.credentials.ufrag
    assert (plain.nominates, nominating.nominates) == (False, True)


def test_what_stands_behind_the_proof_counts_for_nothing(ice: IceLite) -> None:
    datagram = request(ice.credentials, nominated=False)
    wish = bytes.fromhex("0025 0000")
    length = (len(datagram) + len(wish) - 20).to_bytes(2, "big")
    behind = read_check(datagram[:2] + length + datagram[4:] + wish)
    assert behind is not None
    assert behind.proves(ice.credentials.password.encode())
    assert not behind.nominates


def test_one_bit_of_what_is_signed_undoes_the_proof(ice: IceLite) -> None:
    datagram = request(ice.credentials)
    password = ice.credentials.password.encode()
    for at in range(len(datagram) - 8):  # the fingerprint is not signed
        changed = bytearray(datagram)
        changed[at] ^= 1
        read = read_check(bytes(changed))
        assert read is None or not read.proves(password)


@given(st.ip_addresses(), st.integers(1, 65_535), st.binary(min_size=1, max_size=32))
def test_answers_are_those_of_a_whole_stun_library(
    address: IPv4Address | IPv6Address, port: int, password: bytes
) -> None:
    read = check(IceCredentials())
    expected = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, read.transaction)
    expected.attributes["XOR-MAPPED-ADDRESS"] = (str(address), port)
    expected.add_message_integrity(password)
    assert read.answer(str(address), port, password) == bytes(expected)


@given(st.binary(max_size=600))
def test_no_datagram_is_too_broken_to_look_at(datagram: bytes) -> None:
    ice = IceLite(IceCredentials())
    authentic = request(ice.credentials)
    for prefix in (b"", authentic[:20], authentic):
        read = read_check(prefix + datagram)
        if read is not None:
            ice.answer(read, HOME, 1.0)
    assert (ice.selected is None) == (datagram != b"")


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
