"""One cue for a wave of confusion, about whom it is, in time; none where there is no wave."""

from __future__ import annotations

from benchmarks.cues.audience import BEGINS, Show, Wave
from live.domain.cue import ActKind, CueRule
from live.domain.pulse import BEGUN, TICK_S, total


def test_a_wave_among_prospects_gives_one_cue_within_ten_seconds_with_its_evidence() -> None:
    show = Show(7, wave=Wave("prospect", people=24, at_s=300, over_s=20))
    ((at_s, cue),) = show.run(7)
    assert 300 <= at_s <= 310
    assert (cue.rule, cue.segment, cue.language) == (CueRule.CONFUSION, "prospect", None)
    why = cue.evidence
    ticks = [each for each in show.state.ticks.values() if each.at < why.upto]
    window = [each for each in ticks if each.at >= why.upto - why.seconds // TICK_S]
    assert why.count == total(window, BEGUN["confused"], "prospect") >= 5
    assert why.count > 10 * why.expected
    assert why.chance < 1e-5
    assert cue.act is not None
    assert cue.act.kind is ActKind.PICK
    asked = next(each for each in show.state.questions.values() if each.id == cue.act.id)
    assert show.state.participants[asked.author_id].segment == "prospect"
    assert (cue.since - BEGINS).total_seconds() <= at_s
    assert show.state.cues[-1].outcome is not None, "it passes when the wave has"


def test_the_same_audience_without_the_wave_gives_none() -> None:
    assert not Show(7).run(4)
    assert not Show(7, loudness=6.0).run(4)
