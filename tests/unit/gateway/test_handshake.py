"""What is answered to who wants a WebSocket, without one."""

from __future__ import annotations

import pytest

from live.gateway.handshake import Refused, Request, agree

HEADERS = {
    b"host": b"example.org",
    b"upgrade": b"websocket",
    b"connection": b"Upgrade",
    b"sec-websocket-version": b"13",
    b"sec-websocket-key": b"dGhlIHNhbXBsZSBub25jZQ==",
}


def asked(
    *more: tuple[bytes, bytes], without: bytes = b"nothing", method: bytes = b"GET"
) -> Request:
    headers = [each for each in HEADERS.items() if each[0] != without]
    return Request(method, b"/api/v1/sessions/spring/ws", [*headers, *more])


def test_the_answer_is_that_of_the_standard() -> None:
    accept, compression = agree(asked())
    assert accept == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3
    assert compression.header is None
    assert not compression.inflates
    assert not compression.compresses


@pytest.mark.parametrize(
    ("offers", "compresses"),
    [
        ([b"permessage-deflate"], True),
        ([b"permessage-deflate; client_max_window_bits"], True),
        ([b"x-unheard-of", b"permessage-deflate; server_no_context_takeover"], True),
        ([b"permessage-deflate; server_max_window_bits=10"], False),
    ],
)
def test_messages_are_compressed_for_who_can_read_what_everyone_reads(
    offers: list[bytes], compresses: bool
) -> None:
    _, compression = agree(asked(*((b"sec-websocket-extensions", each) for each in offers)))
    assert compression.header is not None
    assert b"server_no_context_takeover" in compression.header
    assert b"client_no_context_takeover" in compression.header
    assert compression.inflates
    assert compression.compresses is compresses


VERSION, KEY, EXTENSIONS = (
    b"sec-websocket-version",
    b"sec-websocket-key",
    b"sec-websocket-extensions",
)


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        (asked(method=b"POST"), 405),
        (asked(without=VERSION), 426),
        (asked((VERSION, b"8"), without=VERSION), 426),
        (asked(without=KEY), 400),
        (asked((KEY, b"dGhlIHNhbXBsZSBub25jZQ==")), 400),
        (asked((KEY, b"c2hvcnQ="), without=KEY), 400),
        (asked((EXTENSIONS, b";;")), 400),
        (asked((EXTENSIONS, b"permessage-d\xe9flate")), 400),
    ],
)
def test_who_asks_in_another_way_is_told_so_in_http(wish: Request, status: int) -> None:
    with pytest.raises(Refused) as refused:
        agree(wish)
    assert refused.value.status == status
