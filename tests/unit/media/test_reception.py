"""What is counted of an incoming stream, and what is asked for again."""

from aiortc.rtp import RTCP_RTPFB_NACK, RtcpPacket, RtcpRtpfbPacket

from live.media.bandwidth import BandwidthEstimate
from live.media.reception import MISSING_LIMIT, REORDERING_S, RETRY_S, TRIES_LIMIT, Reception

RATE = 90_000


def _stream(*numbers: int, repairs: bool = True) -> Reception:
    reception = Reception(1, RATE, repairs=repairs)
    for index, number in enumerate(numbers):
        reception.take(number & 0xFFFF, index * 3_000, 100, index / 30)
    return reception


def test_a_hole_is_asked_for_after_a_moment_a_few_times_and_then_given_up() -> None:
    reception = _stream(65_534, 65_537)
    began = 1 / 30
    assert reception.holes_to_ask_for(began) == []
    now = began + REORDERING_S
    for _ in range(TRIES_LIMIT):
        holes = reception.holes_to_ask_for(now)
        assert holes == [0, 65_535]
        (asked,) = RtcpPacket.parse(bytes(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, 2, holes)))
        assert isinstance(asked, RtcpRtpfbPacket)
        assert asked.lost == holes
        assert reception.holes_to_ask_for(now) == []
        now += RETRY_S
    assert reception.holes_to_ask_for(now) == []


def test_a_late_packet_is_not_asked_for() -> None:
    assert _stream(1, 3, 2).holes_to_ask_for(9.0) == []


def test_of_too_many_holes_none_is_asked_for_any_more() -> None:
    reception = _stream(1, 3, 3 + MISSING_LIMIT)
    assert len(reception.holes_to_ask_for(9.0)) == MISSING_LIMIT
    assert _stream(1, 3, 4 + MISSING_LIMIT).holes_to_ask_for(9.0) == []


def test_a_retransmission_fills_a_hole_once() -> None:
    reception = _stream(1, 3)
    assert reception.repaired(2)
    assert not reception.repaired(2)
    assert not reception.repaired(99)


def test_a_stream_without_repair_is_not_asked_for_anything() -> None:
    assert _stream(1, 9, repairs=False).holes_to_ask_for(9.0) == []


def test_a_report_counts_what_was_lost_since_the_last_one() -> None:
    reception = _stream(*range(10), *range(20, 30))
    block, loss = reception.report(1.0)
    assert loss == 10 / 30
    assert (block.packets_lost, block.fraction_lost) == (10, int(256 / 3))
    for number in range(30, 40):
        reception.take(number, 0, 100, 2.0)
    block, loss = reception.report(2.0)
    assert loss == 0
    assert block.packets_lost == 10
    assert block.highest_sequence == 39


def test_the_highest_number_counts_its_wraps() -> None:
    block, _ = _stream(65_535, 0, 1).report(1.0)
    assert block.highest_sequence == (1 << 16) + 1
    assert block.packets_lost == 0


def test_a_jump_is_a_new_beginning_and_no_loss() -> None:
    reception = Reception(1, RATE, repairs=True)
    assert reception.take(1, 0, 100, 0.0)
    assert not reception.take(2, 0, 100, 0.0)
    assert reception.take(30_000, 0, 100, 0.0)
    assert reception.holes_to_ask_for(9.0) == []
    _, loss = reception.report(1.0)
    assert loss == 0


def test_a_stream_that_jumps_all_the_time_begins_anew_about_once_a_second() -> None:
    reception = Reception(1, RATE, repairs=True)
    begun = 0
    for packet in range(1_000):
        number, now = packet * 20_000 & 0xFFFF, packet / 100
        if reception.fits(number, now):
            begun += reception.take(number, 0, 100, now)
    assert begun == 12
    assert reception.fits(reception.report(10.0)[0].highest_sequence + 1 & 0xFFFF, 10.0)


def test_the_delay_since_a_sender_report_is_told() -> None:
    reception = _stream(1, 2)
    reception.note_sender_report(0x11112222_33334444, 10.0)
    block, _ = reception.report(10.5)
    assert (block.lsr, block.dlsr) == (0x22223333, 32_768)


def test_a_healthy_publisher_is_never_held_back() -> None:
    estimate = BandwidthEstimate()
    assert estimate.update(0.0, 300_000) >= BandwidthEstimate.START_BPS
    for _ in range(60):
        estimate.update(0.01, 300_000)
    assert estimate.bps == BandwidthEstimate.CEILING_BPS


def test_heavy_loss_brings_the_estimate_below_what_arrives_and_it_recovers() -> None:
    estimate = BandwidthEstimate()
    for _ in range(20):
        estimate.update(0.3, 1_000_000)
    assert estimate.bps <= 1_050_000
    for _ in range(100):
        assert estimate.update(0.5, 0) >= BandwidthEstimate.FLOOR_BPS
    for _ in range(60):
        estimate.update(0.0, 1_000_000)
    assert estimate.bps == BandwidthEstimate.CEILING_BPS
