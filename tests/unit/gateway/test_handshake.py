"""What is answered to who wants a WebSocket, without one."""

from __future__ import annotations

import pytest

from live.gateway.handshake import Refused, agree, read_head

ASKED = [
    b"GET /api/v1/sessions/spring/ws?since=3 HTTP/1.1",
    b"host: example.org",
    b"upgrade: websocket",
    b"connection: Upgrade",
    b"sec-websocket-version: 13",
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
]


def head(*more: bytes, without: bytes = b"nothing") -> bytes:
    lines = [line for line in ASKED if not line.startswith(without)]
    return b"\r\n".join([*lines, *more]) + b"\r\n\r\n"


def test_a_head_is_taken_apart() -> None:
    request = read_head(head(b"cookie: a=b: c", b"x-empty: "))
    assert (request.method, request.target) == (b"GET", b"/api/v1/sessions/spring/ws?since=3")
    assert request.all_of(b"cookie") == [b"a=b: c"]
    assert request.all_of(b"x-empty") == [b""]
    assert request.all_of(b"origin") == []


def test_the_answer_is_that_of_the_standard() -> None:
    accept, compression = agree(read_head(head()))
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
    lines = [b"sec-websocket-extensions: " + each for each in offers]
    _, compression = agree(read_head(head(*lines)))
    assert compression.header is not None
    assert b"server_no_context_takeover" in compression.header
    assert b"client_no_context_takeover" in compression.header
    assert compression.inflates
    assert compression.compresses is compresses


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (head().replace(b"GET", b"POST"), 405),
        (head(without=b"sec-websocket-version"), 426),
        (head(b"sec-websocket-version: 8", without=b"sec-websocket-version"), 426),
        (head(without=b"sec-websocket-key"), 400),
        (head(b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="), 400),
        (head(b"sec-websocket-key: c2hvcnQ=", without=b"sec-websocket-key"), 400),
        (head(b"sec-websocket-extensions: ;;"), 400),
        (head(b"sec-websocket-extensions: permessage-d\xe9flate"), 400),
    ],
)
def test_who_asks_in_another_way_is_told_so_in_http(request_head: bytes, status: int) -> None:
    with pytest.raises(Refused) as refused:
        agree(read_head(request_head))
    assert refused.value.status == status
