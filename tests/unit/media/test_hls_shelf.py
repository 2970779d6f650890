"""Playlists as a player reads them: what is listed, what is waited for, what is gone at once."""

import asyncio
import re
from collections.abc import Callable

import pytest

from live.media.admission import Admission, Traffic
from live.media.hls.desk import HlsDesk
from live.media.hls.news import HlsBegun, HlsEnded, HlsHeader, HlsPart, Lack, Rendition
from live.media.hls.playlist import LISTED
from live.media.hls.shelf import KEPT, STALE_S, Shelf
from live.media.hls.watchers import PARTS_FOR
from live.media.settings import MediaSettings
from live.ports.hls import HlsList, HlsRequest
from live.ports.media import LegOwner
from live.ports.media_figures import WatchRate
from live.ports.media_refusals import MediaRefusal

SHOW = "show"


class _Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
def shelf(time: _Time) -> Shelf:
    return Shelf(time)


def _begin(take: Callable[..., None], run: str = "one", lack: Lack | None = None) -> None:
    take(HlsBegun(SHOW, run, lack))
    take(HlsHeader(SHOW, run, "video", b"header " + run.encode(), "avc1,mp4a", 640, 360))
    take(HlsHeader(SHOW, run, "sound", b"header", "mp4a"))


def _segments(
    take: Callable[..., None],
    count: int,
    *,
    run: str = "one",
    rendition: Rendition = "video",
    open_parts: int = 0,
) -> None:
    """Segments of four parts of half a second, and parts of one more."""
    for number in range(4 * count + open_parts):
        take(
            HlsPart(
                SHOW,
                run,
                rendition,
                f"{run} {number}.".encode(),
                1_700_000_000 + number / 2,
                0.5,
                independent=number % 4 == 0,
                ends=number % 4 == 3,
            )
        )


def _asked(
    which: HlsList = "video",
    *,
    segment: int | None = None,
    part: int | None = None,
    parts: bool = True,
) -> HlsRequest:
    return HlsRequest(SHOW, "viewer", which, "/hls/", segment, part, parts)


async def _text(shelf: Shelf, request: HlsRequest) -> str:
    outcome = await shelf.playlist(request)
    assert isinstance(outcome, str), outcome
    return outcome


def _code(outcome: str | MediaRefusal) -> str:
    return outcome.code if isinstance(outcome, MediaRefusal) else outcome


def _whole(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


async def test_a_playlist_names_the_newest_segments_and_the_parts_of_the_last_ones(
    shelf: Shelf,
) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 8, open_parts=2)
    text = await _text(shelf, _asked())
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert "#EXT-X-TARGETDURATION:2" in lines
    assert "#EXT-X-MEDIA-SEQUENCE:3" in lines  # five whole ones and the one that is begun
    assert len(_whole(text)) == LISTED - 1
    assert lines.count("#EXTINF:2.00000,") == LISTED - 1
    assert text.count("#EXT-X-PART:") == 4 + 4 + 2
    assert text.count("INDEPENDENT=YES") == 3
    assert "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:26.000Z" in lines
    names = [name.removeprefix("/hls/") for name in re.findall(r'(?:URI="|^)(/hls/[^"\s]+)', text)]
    names += [name.removeprefix("/hls/") for name in _whole(text)]
    assert all(re.fullmatch(r"[\w-]{20}\.m4s", name) for name in names)
    whole = await shelf.piece(_whole(text)[-1].removeprefix("/hls/"))
    assert whole == b"".join(f"one {number}.".encode() for number in range(28, 32))
    simple = await _text(shelf, _asked(parts=False))
    assert "PART" not in simple
    assert len(_whole(simple)) == LISTED


async def test_what_comes_next_is_waited_for(shelf: Shelf) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 2)
    hint = re.search(r'PRELOAD-HINT:TYPE=PART,URI="/hls/([^"]+)"', await _text(shelf, _asked()))
    assert hint is not None
    waiting = [
        asyncio.create_task(shelf.playlist(_asked(segment=2, part=0))),
        asyncio.create_task(shelf.playlist(_asked(segment=2))),
    ]
    piece = asyncio.create_task(shelf.piece(hint[1]))
    await asyncio.sleep(0)
    assert not any(task.done() for task in (*waiting, piece))
    _segments(shelf.take, 0, open_parts=1)
    assert await piece == b"one 0."
    with_part = await waiting[0]
    assert isinstance(with_part, str)
    assert f'URI="/hls/{hint[1]}"' in with_part
    await asyncio.sleep(0)
    assert not waiting[1].done()
    shelf.take(HlsPart(SHOW, "one", "video", b"last", 1.0, 0.5, independent=False, ends=True))
    whole = await waiting[1]
    assert isinstance(whole, str)
    assert len(_whole(whole)) == 3
    assert _code(await shelf.playlist(_asked(segment=9))) == "hls_ahead"


async def test_a_bounded_number_waits_for_what_comes_next(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.media.hls.shelf.WAITING_MOST", 1)
    _begin(shelf.take)
    _segments(shelf.take, 2)
    hint = re.search(r'PRELOAD-HINT:TYPE=PART,URI="/hls/([^"]+)"', await _text(shelf, _asked()))
    assert hint is not None
    waiting = asyncio.create_task(shelf.playlist(_asked(segment=2, part=0)))
    await asyncio.sleep(0)
    refused = await shelf.playlist(_asked(segment=2))
    assert isinstance(refused, MediaRefusal)
    assert (refused.code, refused.retry_after_s) == ("overloaded", 2)
    assert await shelf.piece(hint[1]) is None
    _segments(shelf.take, 0, open_parts=1)
    assert hint[1] in _code(await waiting)
    assert await shelf.piece(hint[1]) == b"one 0."


async def test_another_run_follows_behind_a_discontinuity_and_numbers_go_on(shelf: Shelf) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 2, open_parts=1)
    shelf.take(HlsEnded(SHOW, "one"))
    _begin(shelf.take, "two")
    shelf.take(HlsPart(SHOW, "one", "video", b"late", 1.0, 0.5, independent=True, ends=True))
    _segments(shelf.take, 1, run="two")
    lines = (await _text(shelf, _asked(parts=False))).splitlines()
    assert lines.count("#EXT-X-DISCONTINUITY") == 1
    assert sum(line.startswith("#EXT-X-MAP") for line in lines) == 2
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:0" in lines
    _segments(shelf.take, LISTED, run="two")
    lines = (await _text(shelf, _asked(parts=False))).splitlines()
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1" in lines
    assert "#EXT-X-DISCONTINUITY" not in lines
    assert "#EXT-X-MEDIA-SEQUENCE:4" in lines


async def test_what_is_cut_is_gone_at_once_and_only_another_run_is_shown_again(
    shelf: Shelf,
) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 3)
    text = await _text(shelf, _asked())
    names = [name.removeprefix("/hls/") for name in re.findall(r"/hls/[\w.-]+", text)]
    waiting = asyncio.create_task(shelf.piece(names[-1]))  # the hint
    await asyncio.sleep(0)
    shelf.cut(SHOW, on=True)
    assert [await shelf.piece(name) for name in names] == [None] * len(names)
    assert await waiting is None
    assert _code(await shelf.playlist(_asked())) == "not_publishing"
    _segments(shelf.take, 1)
    shelf.cut(SHOW, on=False)
    _begin(shelf.take)
    _segments(shelf.take, 1)
    assert _code(await shelf.playlist(_asked())) == "not_publishing"  # of the former run
    _begin(shelf.take, "two")
    _segments(shelf.take, 1, run="two")
    again = await _text(shelf, _asked())
    assert "#EXT-X-MEDIA-SEQUENCE:3" in again
    assert not set(names) & set(re.findall(r"[\w-]{20}\.m4s", again))


async def test_memory_is_bounded_and_what_left_the_list_is_kept_for_a_while(shelf: Shelf) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 3)
    early = _whole(await _text(shelf, _asked(parts=False)))[0].removeprefix("/hls/")
    _segments(shelf.take, LISTED)
    assert await shelf.piece(early) is not None
    _segments(shelf.take, 40)
    assert await shelf.piece(early) is None
    (line, _) = shelf._shows[SHOW].lines.values()
    assert len(line.segments) == KEPT
    assert len(line.pieces) == 1 + KEPT * 5


async def test_without_h264_there_is_sound_alone_and_the_index_says_so(
    shelf: Shelf, time: _Time
) -> None:
    _begin(shelf.take, lack="no_h264")
    _segments(shelf.take, 2, rendition="sound")
    assert shelf.lack(SHOW) == "no_h264"
    assert _code(await shelf.playlist(_asked())) == "hls_unavailable"
    assert _whole(await _text(shelf, _asked("index"))) == ["sound.m3u8"]
    _begin(shelf.take, "two")
    for rendition in ("video", "sound"):
        _segments(shelf.take, 2, run="two", rendition=rendition)
    index = await _text(shelf, _asked("index"))
    assert _whole(index) == ["video.m3u8", "sound.m3u8"]
    assert 'CODECS="avc1,mp4a",RESOLUTION=640x360' in index
    shelf.take(HlsEnded(SHOW, "two"))
    assert isinstance(await shelf.playlist(_asked()), str)  # players drain it
    time.now += STALE_S + 1
    assert _code(await shelf.playlist(_asked())) == "not_publishing"


async def test_a_session_that_ended_leaves_nothing(shelf: Shelf) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 1)
    name = _whole(await _text(shelf, _asked()))[0].removeprefix("/hls/")
    shelf.forget(SHOW)
    assert await shelf.piece(name) is None
    assert shelf.lack(SHOW) == "not_publishing"


def _desk(time: _Time, *, elsewhere: bool, most: int = 1) -> HlsDesk:
    settings = MediaSettings(hls=True, hls_elsewhere=elsewhere, max_viewers=most)
    admission = Admission(settings, cores=1)

    def admit(owner: LegOwner) -> LegOwner | MediaRefusal:
        return admission.admit(owner, desk.viewers(), Traffic(0, {}))

    desk = HlsDesk(settings, admit, time)
    return desk


async def test_who_watches_from_here_is_a_viewer_like_any_other(time: _Time) -> None:
    desk = _desk(time, elsewhere=False)
    _begin(desk.take)
    _segments(desk.take, 2)
    other = HlsRequest(SHOW, "another", "video", "/hls/")
    assert isinstance(await desk.playlist(_asked()), str)
    assert isinstance(await desk.playlist(_asked()), str)
    assert _code(await desk.playlist(other)) == "full"
    assert (await desk.standing(SHOW)).watching == 1
    assert not desk.offers(SHOW)
    time.now += 11
    assert isinstance(await desk.playlist(other), str)
    desk.forget(SHOW, "another")
    assert (await desk.standing(SHOW)).watching == 0


async def test_who_goes_on_from_the_sound_to_the_picture_is_asked_about_again(time: _Time) -> None:
    settings = MediaSettings(hls=True, egress_mbit=2)
    rates = (WatchRate("low", 180, 400_000), WatchRate("high", 720, 1_500_000))
    traffic = Traffic(0, {SHOW: rates})
    admission = Admission(settings, cores=1)
    desk = HlsDesk(settings, lambda owner: admission.admit(owner, desk.viewers(), traffic), time)
    _begin(desk.take)
    for rendition in ("video", "sound"):
        _segments(desk.take, 2, rendition=rendition)
    assert isinstance(await desk.playlist(_asked()), str)

    def asked(which: HlsList) -> HlsRequest:
        return HlsRequest(SHOW, "another", which, "/hls/")

    # A small picture would fit beside the first viewer's, but pieces have none.
    for which in ("video", "index"):
        refused = await desk.playlist(asked(which))
        assert isinstance(refused, MediaRefusal)
        assert (refused.code, refused.sound_fits) == ("full", True)
    assert isinstance(await desk.playlist(asked("sound")), str)
    assert _code(await desk.playlist(asked("video"))) == "full"
    desk.forget(SHOW, "viewer")
    assert isinstance(await desk.playlist(asked("video")), str)


async def test_garbage_and_what_is_far_ahead_holds_no_request(shelf: Shelf) -> None:
    _begin(shelf.take)
    _segments(shelf.take, 8, open_parts=1)
    latest = 8
    for segment, part in ((latest + 3, None), (10**14, 0), (10**14, 10**14)):
        assert _code(await shelf.playlist(_asked(segment=segment, part=part))) == "hls_ahead"
    # What is long over is not waited for: the list as it is now.
    for segment, part in ((0, None), (0, 10**14), (latest, 0)):
        assert isinstance(await shelf.playlist(_asked(segment=segment, part=part)), str)
    assert await shelf.piece("") is None
    assert await shelf.piece("x" * 10_000) is None


async def test_of_those_who_wait_there_is_a_bound(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.media.hls.shelf.WAITING_MOST", 2)
    _begin(shelf.take)
    _segments(shelf.take, 2)
    waiting = [asyncio.create_task(shelf.playlist(_asked(segment=2))) for _ in range(2)]
    await asyncio.sleep(0)
    assert _code(await shelf.playlist(_asked(segment=2))) == "overloaded"
    _segments(shelf.take, 1)
    assert all(isinstance(text, str) for text in await asyncio.gather(*waiting))
    assert isinstance(await shelf.playlist(_asked(segment=2)), str)


async def test_behind_a_cdn_no_bound_of_this_machine_counts_and_many_are_told_to_ask_less(
    time: _Time,
) -> None:
    desk = _desk(time, elsewhere=True)
    assert not desk.offers(SHOW)
    _begin(desk.take)
    _segments(desk.take, 2)
    assert desk.offers(SHOW)
    for person in ("one", "another", "a third"):
        assert isinstance(await desk.playlist(HlsRequest(SHOW, person, "video", "/")), str)
    assert list(desk.viewers()) == []
    standing = await desk.standing(SHOW)
    assert (standing.watching, standing.low_latency) == (3, True)
    for number in range(PARTS_FOR):
        await desk.playlist(HlsRequest(SHOW, str(number), "video", "/"))
    assert not (await desk.standing(SHOW)).low_latency


async def test_switched_off_it_says_so(time: _Time) -> None:
    desk = HlsDesk(MediaSettings(), lambda owner: owner, time)
    assert (await desk.standing(SHOW)).lack == "off"
    assert _code(await desk.playlist(_asked())) == "hls_unavailable"
