"""A stretch of one viewer's stream that came from one source: which of its numbers are which.

To a viewer a stream is one, whatever it is made of: sequence numbers and picture ids go on by one,
timestamps by the time that passed.
"""

from live.media.packets import Packet
from live.media.relabelling import relabelled
from live.media.source import Source


class Span:
    """What is added to a source's numbers for one viewer, from its packet with number `first` (as
    the viewer has it) on.
    """

    __slots__ = (
        "epoch",
        "first",
        "levels",
        "origin_epoch",
        "pictures",
        "sequence_offset",
        "source",
        "timestamp_offset",
    )

    def __init__(self, source: Source, first: Packet, sequence: int, timestamp_offset: int) -> None:
        self.source = source
        self.epoch = source.epoch
        self.origin_epoch = source.origin.epoch
        self.first = sequence & 0xFFFF
        self.sequence_offset = sequence - first.sequence
        self.timestamp_offset = timestamp_offset
        self.pictures = 0
        self.levels = 0

    def goes_on(self, source: Source) -> bool:
        """Whether what comes from `source` now still belongs to this stretch."""
        return self.source is source and self.epoch == source.epoch

    def same_numbering(self, source: Source) -> bool:
        """Whether timestamps and levels of `source` are those of this stretch's layer."""
        origin = source.origin
        return self.source.origin is origin and self.origin_epoch == origin.epoch

    def continue_pictures(self, last: Packet, first: Packet, levels: int | None) -> None:
        """Let the pictures go on where `last` (as it was sent) ended; `levels` if they do by
        themselves.
        """
        ended, begins = last.descriptor, first.descriptor
        if ended is None or begins is None:
            return
        if ended.picture_at and begins.picture_at:
            picture = ended.picture(last.payload) + 1
            self.pictures = picture - begins.picture(first.payload)
        if levels is not None:
            self.levels = levels
        elif ended.level_at and begins.level_at:
            step = 1 if begins.layer == 0 else 0
            self.levels = last.payload[ended.level_at] + step - first.payload[begins.level_at]

    def relabelled(self, packet: Packet) -> Packet:
        """The packet with this viewer's picture ids; the same one if it has none."""
        return relabelled(packet, self.pictures, self.levels)


def continued_time(
    newest: tuple[int, int, float], first: Packet, source: Source, before: Span | None, now: float
) -> int:
    """What to add to timestamps so that they go on: by the publisher's own clocks between
    layers of one picture, else by when packets came. `newest` is what was sent last, and when.
    """
    _, latest, at = newest
    offset = latest + max(1, int((now - at) * source.codec.clock_rate)) - first.timestamp
    if before is None or source.picture is None or before.source.picture is not source.picture:
        return offset
    if before.same_numbering(source):
        offset = before.timestamp_offset
    elif source.has_report and before.source.has_report:
        ours, theirs = source.clock_at(now), before.source.clock_at(now)
        if ours is not None and theirs is not None:
            offset = theirs[1] + before.timestamp_offset - ours[1]
    behind = (latest - first.timestamp - offset) & 0xFFFFFFFF
    return offset + behind + 1 if behind < 1 << 31 else offset
