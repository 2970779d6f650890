"""Pictures under other numbers, for viewers who went over from one stream to another."""

from live.media.packets import Packet, Run, Runs
from live.media.vp8 import renumbered


def relabelled(packet: Packet, pictures: int, levels: int) -> Packet:
    """The packet with so much added to its picture id and its TL0PICIDX; itself if it has none."""
    if packet.descriptor is None or not (pictures or levels):
        return packet
    payload = renumbered(packet.payload, packet.descriptor, pictures, levels)
    return packet.copy(packet.sequence, payload)


def relabelled_runs(runs: Runs, pictures: int, levels: int) -> Runs:
    """Runs of relabelled packets; viewers who went over together share theirs."""
    labels = (pictures, levels)
    found: Runs | None = runs.prepared.get(labels)
    if found is None:
        found = runs.prepared[labels] = Runs(
            Run(tuple(relabelled(packet, pictures, levels) for packet in run.packets), run.size)
            for run in runs
        )
    return found
