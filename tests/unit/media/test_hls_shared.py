"""HLS over two nodes: the one that has the picture is asked, and nothing outlives a cut."""

import asyncio
import re

import pytest

from live.adapters.bus.memory import Exchange, MemoryBus
from live.media.hls.desk import HlsDesk
from live.media.hls.news import HlsBegun, HlsHeader, HlsPart
from live.media.hls.shared import SharedHls
from live.media.settings import MediaSettings
from live.ports.hls import HlsRequest
from live.ports.media_refusals import MediaRefusal

SHOW = "show"


class _Node:
    """A node; `first` has the session's picture, or it does itself."""

    def __init__(self, exchange: Exchange, first: "_Node | None" = None) -> None:
        self.bus = MemoryBus(exchange)
        self.desk = HlsDesk(MediaSettings(hls=True), lambda owner: owner, lambda: 0.0)

        async def keeper(_session_id: str) -> str:
            return (first or self).bus.node

        self.hls = SharedHls(self.desk, self.bus, keeper)

    def segment(self, data: bytes) -> None:
        """One more, of a single part."""
        self.desk.take(HlsPart(SHOW, "run", "video", data, 1.0, 2.0, independent=True, ends=True))


@pytest.fixture
async def nodes() -> tuple[_Node, _Node]:
    """The first has the picture."""
    exchange = Exchange()
    here = _Node(exchange)
    there = _Node(exchange, here)
    for node in (here, there):
        await node.bus.start()
    here.desk.take(HlsBegun(SHOW, "run", None))
    here.desk.take(HlsHeader(SHOW, "run", "video", b"header", "avc1", 640, 360))
    return here, there


async def _names(node: _Node) -> list[str]:
    text = await node.hls.playlist(HlsRequest(SHOW, "viewer", "video", "/hls/"))
    assert isinstance(text, str), text
    return re.findall(r"/hls/([\w.-]+)", text)


async def test_playlists_come_from_the_node_with_the_picture_and_pieces_are_fetched_once(
    nodes: tuple[_Node, _Node],
) -> None:
    here, there = nodes
    here.segment(b"picture")
    names = await _names(there)
    assert names == await _names(here)
    assert all(name.startswith(f"{here.bus.node}-") for name in names)
    assert (await there.hls.standing(SHOW)).picture
    *_, whole, hint = names
    asked = await asyncio.gather(*(there.hls.piece(whole) for _ in range(3)))
    assert asked == [b"picture"] * 3
    # The next one is waited for over there, by everyone who wants it.
    waiting = [asyncio.create_task(there.hls.piece(hint)) for _ in range(3)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert here.desk._shelf._waiting == 1
    here.segment(b"next")
    assert await asyncio.gather(*waiting) == [b"next"] * 3
    here.desk.forget(SHOW)  # what was fetched is here still, until this node is told as well
    assert await there.hls.piece(whole) == b"picture"
    there.desk.forget(SHOW)
    assert await there.hls.piece(whole) is None


async def test_what_is_cut_is_gone_on_every_node_also_what_was_on_its_way(
    nodes: tuple[_Node, _Node],
) -> None:
    here, there = nodes
    here.segment(b"picture")
    *_, whole, _hint = await _names(there)
    coming = asyncio.create_task(there.hls.piece(whole))
    await asyncio.sleep(0)
    there.desk.cut(SHOW, on=True)  # before the answer is there
    assert await coming is None
    here.desk.cut(SHOW, on=True)
    assert await there.hls.piece(whole) is None
    refused = await there.hls.playlist(HlsRequest(SHOW, "viewer", "video", "/hls/"))
    assert isinstance(refused, MediaRefusal)
    assert refused.code == "not_publishing"


async def test_a_node_that_is_gone_and_names_of_no_node_are_refused_at_once(
    nodes: tuple[_Node, _Node],
) -> None:
    here, there = nodes
    here.segment(b"picture")
    *_, whole, _hint = await _names(there)
    await here.bus.close()
    async with asyncio.timeout(2):
        assert await there.hls.piece(whole) is None
        for name in ("", "-", "guessed", "no-such", f"{there.bus.node}-guessed.m4s"):
            assert await there.hls.piece(name) is None
        refused = await there.hls.playlist(HlsRequest(SHOW, "viewer", "video", "/hls/"))
    assert isinstance(refused, MediaRefusal)
    assert refused.code == "overloaded"
    standing = await there.hls.standing(SHOW)
    assert (standing.picture, standing.lack) == (False, "not_publishing")


async def test_copies_of_pieces_have_a_bound(
    nodes: tuple[_Node, _Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = nodes
    monkeypatch.setattr("live.media.hls.shared.KEPT_BYTES_MOST", 100)
    for _ in range(4):
        here.segment(bytes(40))
    *pieces, _hint = await _names(there)
    for name in pieces:
        assert await there.hls.piece(name) is not None
    assert [len(piece) for piece in there.hls._kept.values()] == [40, 40]
