"""The external check: an answer counts, and nothing else does."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from moderation.adapters.hook import REST_S, STRIKES, HttpHook
from moderation.policy.gate import PolicyGate
from tests.support.lines import ManualClock, line

SECRET = "s3cret"
Answer = Callable[[bytes], bytes]


@asynccontextmanager
async def service(answer: bytes | None, asked: list[tuple[bytes, bytes]]) -> AsyncIterator[str]:
    """An HTTP server that always answers the same; with None it never does."""

    handling: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.append(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        asked.append((head, await reader.readexactly(size)))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/check"
    await asyncio.gather(*(task for task in handling if task is not None))


def told(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


async def test_a_line_is_held_where_the_service_says_so() -> None:
    asked: list[tuple[bytes, bytes]] = []
    async with service(told(b'{"verdict":"hold"}'), asked) as url:
        hook = HttpHook(url, ManualClock(), secret=SECRET, deadline_s=5)
        opinion = await PolicyGate(ManualClock(), hook=hook).review(line("bonjour à tous"))
        await hook.close()

    assert [reason.code for reason in opinion.reasons] == ["hook"]
    head, body = asked[0]
    assert json.loads(body)["text"] == "bonjour à tous"
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert f"sha256={signature}".encode() in head


@pytest.mark.parametrize(
    "answer",
    [
        told(b'{"verdict":"ban"}'),
        told(b'{"verdict":true}'),
        told(b"<html>"),
        told(b"x" * 10_000),
        told(b'{"verdict":"hold"}', status=b"500 No"),
        told(b"", status=b"302 Found\r\nLocation: http://127.0.0.1:9/"),
        b"nonsense\r\n\r\n",
        b"",
        None,
    ],
)
async def test_a_service_that_fails_lies_or_is_slow_changes_nothing(answer: bytes | None) -> None:
    async with service(answer, []) as url:
        hook = HttpHook(url, ManualClock(), deadline_s=5 if answer is not None else 0.05)
        opinion = await PolicyGate(ManualClock(), hook=hook).review(line("bonjour à tous"))
        await hook.close()

    assert opinion.outcome == "pass"
    assert hook.failing
    assert hook.skipped == 1


async def test_a_service_that_keeps_failing_is_left_alone_for_a_while() -> None:
    asked: list[tuple[bytes, bytes]] = []
    clock = ManualClock()
    async with service(told(b"no"), asked) as url:
        hook = HttpHook(url, clock, deadline_s=5)
        for _ in range(STRIKES + 3):
            assert await hook.wants_a_look(line("bonjour")) is None
        assert len(asked) == STRIKES
        clock.seconds += REST_S + 1
        await hook.wants_a_look(line("bonjour"))
        await hook.close()

    assert len(asked) == STRIKES + 1


async def test_what_is_held_already_is_not_sent_out() -> None:
    asked: list[tuple[bytes, bytes]] = []
    async with service(told(b'{"verdict":"pass"}'), asked) as url:
        hook = HttpHook(url, ManualClock(), deadline_s=5)
        opinion = await PolicyGate(ManualClock(), hook=hook).review(line("sur exemple.shop"))
        await hook.close()

    assert opinion.outcome == "hold"
    assert asked == []


async def test_a_service_is_asked_about_a_bounded_number_of_lines_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("moderation.adapters.hook.MOST_AT_ONCE", 1)
    asked: list[tuple[bytes, bytes]] = []
    async with service(None, asked) as url:
        hook = HttpHook(url, ManualClock(), deadline_s=60)
        first = asyncio.create_task(hook.wants_a_look(line("one")))
        await asyncio.sleep(0)

        assert await hook.wants_a_look(line("another")) is None
        assert not first.done()

        first.cancel()
        await asyncio.wait([first])
        await hook.close()
    assert len(asked) <= 1
