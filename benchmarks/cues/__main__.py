"""Whether cues are raised when they should be, and only then.

    python -m benchmarks.cues                    the judged runs: 20 waves, 40 controls
    python -m benchmarks.cues --first 1000       other seeds

A scripted audience of two hundred plays ten minutes in virtual time. A wave is 8 to 40 of sixty
prospects who begin to be confused within 10 to 60 seconds. A run is right if one cue is raised in
ten minutes, about the prospects' confusion, at the latest ten seconds after the last of the wave
began. Controls have no wave: a quiet audience does a fifth of what the usual one does, a chatty one
six times as much; any cue there is false.
"""

from __future__ import annotations

import argparse
import time
from random import Random

from benchmarks.cues.audience import Show, Wave
from live.domain.cue import CueRule

RUNS = 20
LATE_S = 10.0


def wave_of(seed: int) -> Wave:
    """The wave that a seed plants."""
    chance = Random(f"wave {seed}")
    return Wave("prospect", chance.randint(8, 40), chance.uniform(150, 450), chance.uniform(10, 60))


def is_right(show: Show) -> bool:
    """Whether the wave, and nothing else, was noticed in time."""
    wave = show.wave
    if wave is None:
        return not show.cues
    if len(show.cues) != 1:
        return False
    at_s, cue = show.cues[0]
    about = (cue.rule, cue.segment) == (CueRule.CONFUSION, wave.segment)
    return about and wave.at_s <= at_s <= wave.at_s + wave.over_s + LATE_S


def main() -> None:
    """Play all of it and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--first", type=int, default=20_000, help="the first seed")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each kind")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.runs)
    began_s = time.process_time()
    right = 0
    for seed in seeds:
        show = Show(seed, wave=wave_of(seed))
        show.run()
        right += is_right(show)
        print(_told(show))
    print(f"waves: {right} of {asked.runs} right")
    for name, loudness in (("quiet", 0.2), ("usual", 1.0), ("chatty", 6.0)):
        shows = [Show(seed, loudness) for seed in seeds]
        false = sum(len(show.run()) for show in shows)
        print(f"{name} controls: {false} false cues in {asked.runs} runs of ten minutes")
        for show in shows:
            if show.cues:
                print("  ", _told(show))
    print(f"{time.process_time() - began_s:.0f} s of processor time")


def _told(show: Show) -> str:
    wave = show.wave
    planted = "no wave"
    if wave is not None:
        planted = f"{wave.people} from {wave.at_s:.0f} s over {wave.over_s:.0f} s"
    cues = ", ".join(
        f"{cue.rule} {cue.segment or 'all'} at {at_s:.0f} s: {cue.evidence.count} of "
        f"{cue.evidence.people} in {cue.evidence.seconds} s, {cue.evidence.expected:g} expected"
        for at_s, cue in show.cues
    )
    return f"seed {show.seed}: {planted}: {cues or 'nothing'}"


if __name__ == "__main__":
    main()
