"""The rules: each looks at a pulse and a state, and says what it finds, or nothing.

``docs/pulse.md`` tells them in words. A finding is about five people or more; how surprising it has
to be is the session's sensitivity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from live.domain.announcement import AnnouncementStatus
from live.domain.cue import ActKind, CueAct, CueRule, Evidence, Sensitivity
from live.domain.pulse import BEGUN, LEFT, MESSAGE, QUESTION, TICK_S, moment_of, tick_at
from live.domain.small_cells import LEAST
from live.domain.state import RoomState
from moderation.cues.acts import answer, leads, pick, sell, show, wake
from moderation.cues.history import EVERYONE, PRIOR_PERSON_S, Group, History, Window
from moderation.cues.impressions import Impressions
from moderation.cues.saying import Said, asks_price, praises, said_lately, topic_of
from moderation.cues.statistics import Base, at_least, at_most, share_at_least

ALPHA: Final[Mapping[Sensitivity, float]] = {
    Sensitivity.LOW: 1e-8,
    Sensitivity.NORMAL: 1e-5,
    Sensitivity.HIGH: 1e-4,
}
"""By chance alone a rule finds something about so often at each look."""

PEOPLE: Final[Mapping[Sensitivity, int]] = {
    Sensitivity.LOW: 10,
    Sensitivity.NORMAL: LEAST,
    Sensitivity.HIGH: LEAST,
}
SPECIFIC: Final = 0.01
"""It is about one group if, were all groups alike, its part of it were so unlikely."""

LEANING: Final = 0.1
"""It is about everyone only where no group has more of it than comes by chance this often; until
that is clear nothing is said."""

SHARE: Final = 0.02
"""Of a large group so many at least."""

RELEASE: Final = 0.05
"""It is over once what is left of it comes by chance this often."""

CONFUSED_S: Final = (10, 20, 40, 60)
ASKED_S: Final = (30, 60, 120)
ASKED_BASE_S: Final = 120
"""Without so much before it nobody knows how many questions are usual in this show."""

ASKED_TIMES: Final = 100
"""So much less likely it has to be: one person may ask three times in a minute, and ask on."""

SILENT_S: Final = 120
SAID_S: Final = 120
SAID_PRIOR: Final = Base(0.5, 7_200.0)
"""Praise and prices are spoken of less than anything else: half an event in two hours of one
person, before anything was heard."""

LEFT_MOST_S: Final = 120
LEFT_LEAST_S: Final = 10
SPOKEN_TICKS: Final = 10
HUSHED: Final = 0.25
"""To be silent is to say a quarter of what is usual, at most."""

SPOKE_LEAST: Final = 8
"""Who says less than this in two minutes cannot fall silent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found."""

    rule: CueRule
    group: Group
    since: datetime
    evidence: Evidence
    act: CueAct | None
    topic: str | None = None


@dataclass(frozen=True)
class Look:
    """What rules look at."""

    history: History
    state: RoomState
    sensitivity: Sensitivity
    impressions: Impressions

    @cached_property
    def said(self) -> list[Said]:
        """What was written lately."""
        return said_lately(self.state, self.now, self.impressions)

    @property
    def now(self) -> datetime:
        return moment_of(self.history.upto)

    @property
    def alpha(self) -> float:
        return ALPHA[self.sensitivity]

    def enough(self, window: Window) -> bool:
        """Whether it is about enough people."""
        least = max(PEOPLE[self.sensitivity], SHARE * window.people)
        return window.people >= LEAST and window.count >= least


def confusion(look: Look) -> Finding | None:
    """More people begin to be confused than do by themselves."""
    return _wave(look, CueRule.CONFUSION, BEGUN["confused"], CONFUSED_S)


def questions(look: Look) -> Finding | None:
    """More questions come than usual."""
    found = _wave(look, CueRule.QUESTIONS, QUESTION, ASKED_S)
    if found is None or found.evidence.base_seconds < ASKED_BASE_S:
        return None
    if found.evidence.chance >= look.alpha / ASKED_TIMES:
        return None
    asked = [
        each
        for each in look.said
        if each.is_question and each.at >= found.since and _is_of(look.state, each, found.group)
    ]
    topic = topic_of(asked)
    if topic is None:
        return found
    about = frozenset(each.id for each in asked if each.heard.topic == topic)
    act = pick(look.state, found.group, about) or found.act
    return replace(found, topic=topic, act=act)


def departures(look: Look) -> Finding | None:
    """More people leave than did before an offer was sent to them."""
    for told in reversed(list(look.state.announcements.values())):
        since_s = (look.now - told.at).total_seconds()
        if told.status is not AnnouncementStatus.ACTIVE or since_s > LEFT_MOST_S:
            continue
        seconds = int(since_s) // TICK_S * TICK_S
        if seconds < LEFT_LEAST_S or not _offers(look.state, told.id, EVERYONE):
            continue
        groups = [each for each in look.history.groups() if each.segment is not None]
        for group in [EVERYONE, *groups]:
            if not _offers(look.state, told.id, group):
                continue
            window = look.history.window((LEFT,), group, seconds)
            chance = at_least(window.count / window.spread, window.base, window.exposure)
            if look.enough(window) and chance < look.alpha:
                why = _evidence(look, LEFT, window, chance)
                act = CueAct(ActKind.WITHDRAW, told.id)
                return Finding(CueRule.DEPARTURES, group, told.at, why, act)
    return None


def silence(look: Look) -> Finding | None:
    """Those of one language say no more, while others go on."""
    history, signals = look.history, (MESSAGE, QUESTION)
    groups = [
        group
        for group in history.groups()
        if group.language is not None and history.people(group) >= LEAST
    ]
    if len(groups) < 2:
        return None
    windows = {group: history.window(signals, group, SILENT_S) for group in groups}
    quiet = {
        group: at_most(each.count / each.spread, each.base, each.exposure)
        for group, each in windows.items()
    }
    if all(chance < RELEASE for chance in quiet.values()):
        return None  # it is the hour, not the language
    for group, window in windows.items():
        spoke = window.expected >= SPOKE_LEAST and window.base_seconds >= SILENT_S
        hushed = window.count <= window.expected * HUSHED
        if spoke and hushed and quiet[group] < look.alpha:
            why = _evidence(look, MESSAGE, window, quiet[group])
            since = look.now - timedelta(seconds=SILENT_S)
            return Finding(CueRule.SILENCE, group, since, why, wake(look.state, group))
    return None


def price(look: Look) -> Finding | None:
    """Prospects ask what it costs, and no offer is out for them."""
    group = Group("prospect")
    state = look.state
    if any(_offers(state, each.id, group) for each in state.announcements.values()):
        return None
    return _spoken(look, CueRule.PRICE, group, asks_price, sell)


def praise(look: Look) -> Finding | None:
    """Several customers say how good it is."""
    return _spoken(look, CueRule.PRAISE, Group("customer"), praises, show)


RULES: Final[Mapping[CueRule, Callable[[Look], Finding | None]]] = {
    CueRule.CONFUSION: confusion,
    CueRule.DEPARTURES: departures,
    CueRule.QUESTIONS: questions,
    CueRule.PRICE: price,
    CueRule.SILENCE: silence,
    CueRule.PRAISE: praise,
}
"""All, the most urgent first."""


def is_over(look: Look, rule: CueRule, group: Group, seconds: int) -> bool:
    """Whether what a rule found there is no news any more."""
    signals = {CueRule.CONFUSION: BEGUN["confused"], CueRule.QUESTIONS: QUESTION}
    if rule is CueRule.SILENCE:
        upto = look.history.upto
        return look.history.count((MESSAGE, QUESTION), group, upto - SPOKEN_TICKS, upto) > 0
    if rule not in signals:
        return RULES[rule](look) is None
    window = look.history.window((signals[rule],), group, min(max(seconds, 20), 60))
    chance = at_least(window.count / window.spread, window.base, window.exposure)
    return chance > RELEASE


# --- what several rules do


def _wave(look: Look, rule: CueRule, signal: str, lengths: tuple[int, ...]) -> Finding | None:
    """The most surprising wave of a signal, in one segment if it is that segment's."""
    history = look.history
    segments = [each for each in history.groups() if each.segment is not None]
    found: list[tuple[float, Group, Window]] = []
    for seconds in lengths:
        if history.lately((signal,), EVERYONE, seconds) < LEAST:
            continue  # as nearly always, and before minutes are summed
        everyone = history.window((signal,), EVERYONE, seconds)
        of_all = at_least(everyone.count / everyone.spread, everyone.base, everyone.exposure)
        # Where all together leave no doubt, a part needs less to be the one that it comes from.
        alpha = look.alpha if of_all >= look.alpha else math.sqrt(look.alpha)
        parts = {group: history.window((signal,), group, seconds) for group in segments}
        for group, window in parts.items():
            chance = at_least(window.count / window.spread, window.base, window.exposure)
            if look.enough(window) and chance < alpha and _unlikely(window, everyone) < SPECIFIC:
                found.append((chance, group, window))
        shared = all(_unlikely(each, everyone) >= LEANING for each in parts.values())
        if of_all < look.alpha and look.enough(everyone) and shared:
            found.append((of_all, EVERYONE, everyone))
    own = [each for each in found if each[1] != EVERYONE] or found
    if not own:
        return None
    chance, group, window = min(own, key=lambda each: each[0])
    since = look.now - timedelta(seconds=window.seconds)
    return Finding(
        rule, group, since, _evidence(look, signal, window, chance), answer(look.state, group)
    )


def _unlikely(part: Window, whole: Window) -> float:
    """How likely a part has so much of the whole if all are alike; 0 where it is the whole."""
    if part.people >= whole.people:
        return 0.0
    return share_at_least(part.count, whole.count, part.exposure / whole.exposure)


def _spoken(
    look: Look,
    rule: CueRule,
    group: Group,
    fits: Callable[[Said], bool],
    act: Callable[[RoomState, list[Said]], CueAct | None],
) -> Finding | None:
    """Several people of one segment say the same kind of thing."""
    if look.history.people(group) < LEAST:
        return None  # before hundreds of lines are read
    blank = look.history.window((), group, SAID_S)
    begins = look.now - timedelta(seconds=SAID_S)
    said = [each for each in look.said if _is_of(look.state, each, group) and fits(each)]
    fresh = [each for each in said if each.at >= begins]
    people = {each.author_id for each in fresh}
    before = {each.author_id for each in said if each.at < begins}
    count = len(people)
    if count < PEOPLE[look.sensitivity]:
        return None
    listened = blank.base.exposure - PRIOR_PERSON_S + SAID_PRIOR.exposure
    base = Base(SAID_PRIOR.events + len(before), listened)
    chance = at_least(count, base, blank.exposure)
    if chance >= look.alpha * 100:
        return None
    why = Evidence(
        signal=rule.value,
        count=count,
        people=blank.people,
        seconds=SAID_S,
        upto=look.history.upto,
        base_count=len(before),
        base_seconds=blank.base_seconds,
        expected=round(base.expected(blank.exposure), 3),
        chance=chance,
    )
    return Finding(rule, group, min(each.at for each in fresh), why, act(look.state, fresh))


def _is_of(state: RoomState, said: Said, group: Group) -> bool:
    author = state.participants.get(said.author_id)
    if author is None or author.role.is_staff:
        return False
    if group.segment is None:
        return group.language in (None, author.language)
    return author.segment == group.segment or author.segment.startswith(f"{group.segment}/")


def _evidence(look: Look, signal: str, window: Window, chance: float) -> Evidence:
    return Evidence(
        signal=signal,
        count=window.count,
        people=window.people,
        seconds=window.seconds,
        upto=look.history.upto,
        base_count=window.base_count,
        base_seconds=window.base_seconds,
        expected=round(window.expected, 3),
        chance=chance,
    )


def _offers(state: RoomState, announcement_id: str, group: Group) -> bool:
    """Whether an announcement that is out leads somewhere, for those of this group."""
    told = next((each for each in state.announcements.values() if each.id == announcement_id), None)
    is_out = told is not None and told.status is AnnouncementStatus.ACTIVE
    return told is not None and is_out and leads(state, told, group)


def upto_at(moment: datetime, lag_s: float) -> int:
    """The tick before which everything was written, at this moment."""
    return tick_at(moment - timedelta(seconds=lag_s))
