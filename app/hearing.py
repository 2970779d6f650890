"""Wires the ear to the sessions that run here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from app.limits import Rate, RateLimiter
from app.rehearsal import is_rehearsal
from app.settings import Settings
from app.translating import Translations
from live.domain.content import all_versions
from live.domain.fact import Event
from live.domain.ids import ContentId
from live.domain.message_events import MessageRefused, MessageRemoved
from live.domain.people_events import ParticipantChanged
from live.domain.question_events import QuestionChanged
from live.domain.state import RoomState
from live.ports.clock import Clock
from live.ports.gate import Gate
from live.ports.store import Store
from live.ports.translator import Translator
from live.room.ledger import Committed
from live.room.rooms import Rooms
from live.room.surface import AnyRoom
from moderation.adapters.language import FastTextLanguages
from moderation.cues.impressions import Impressions
from moderation.cues.watch import CueKeeper
from moderation.desk.attendant import Attendant
from moderation.desk.erasing import forget_the_erased
from moderation.desk.feeling import FeelingGate
from moderation.desk.mood import Moods
from moderation.desk.ports import Cursors, Erasures
from moderation.ear.ear import Ear
from moderation.ear.hosted import HostedEar
from moderation.ear.plain import PlainEar
from moderation.policy.gate import Hook, PolicyGate, rules_alone

CALL_S: Final = 3.5
"""A translation service has so long for one answer; the reader sees the original meanwhile."""

ASKS: Final = Rate(count=120, period_s=60.0)

OpenEar = Callable[[Settings, Clock], AbstractAsyncContextManager[Ear]]


@contextlib.asynccontextmanager
async def operators_hook(settings: Settings, clock: Clock) -> AsyncIterator[Hook | None]:
    """The operator's own check, if there is one."""
    if settings.hook_url is None:
        yield None
        return
    from moderation.adapters.hook import HttpHook  # noqa: PLC0415 -- an HTTP client, seldom wanted

    hook = HttpHook(settings.hook_url, clock, secret=settings.hook_secret or "")
    try:
        yield hook
    finally:
        await hook.close()


@contextlib.asynccontextmanager
async def plain_ear(settings: Settings, clock: Clock) -> AsyncIterator[Ear]:
    """The ear without models."""
    async with operators_hook(settings, clock) as hook:
        yield PlainEar(PolicyGate(clock, rules_alone(FastTextLanguages()), hook=hook), hook)


@contextlib.asynccontextmanager
async def usual_ear(settings: Settings, clock: Clock) -> AsyncIterator[Ear]:
    """The models in a process of their own, unless they are switched off."""
    if not settings.ear:
        async with plain_ear(settings, clock) as plain:
            yield plain
        return
    async with operators_hook(settings, clock) as hook:
        ear = HostedEar(settings.data_dir / "ear", clock, hook=hook)
        work = asyncio.create_task(ear.run(), name="ear")
        try:
            yield ear
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def translator_of(settings: Settings) -> Translator | None:
    """The service that the operator configured, if any."""
    if settings.translator == "libretranslate" and settings.translator_url is not None:
        from live.adapters.translate.libretranslate import LibreTranslate  # noqa: PLC0415 -- as above

        return LibreTranslate(settings.translator_url, settings.translator_key, timeout_s=CALL_S)
    if settings.translator == "deepl" and settings.translator_key is not None:
        from live.adapters.translate.deepl import DeepL  # noqa: PLC0415 -- as above

        return DeepL(settings.translator_url, settings.translator_key, timeout_s=CALL_S)
    return None


@dataclass(frozen=True, slots=True)
class Hearing:
    """What listens to the people of all sessions, and reads to them; ``asks`` bounds how often one
    person has something translated."""

    ear: Ear
    gate: Gate
    moods: Moods
    impressions: Impressions
    translations: Translations
    asks: RateLimiter


@contextlib.asynccontextmanager
async def open_hearing(
    settings: Settings, clock: Clock, open_ear: OpenEar
) -> AsyncIterator[Hearing]:
    """All of it, until the end of the block."""
    async with open_ear(settings, clock) as ear:
        moods, impressions = Moods(), Impressions()
        translator = translator_of(settings)
        try:
            yield Hearing(
                ear=ear,
                gate=FeelingGate(ear, moods, impressions, clock),
                moods=moods,
                impressions=impressions,
                translations=Translations(translator, clock, settings.translator_budget),
                asks=RateLimiter(ASKS),
            )
        finally:
            if translator is not None:
                await translator.close()


@contextlib.asynccontextmanager
async def attended(
    rooms: Rooms,
    hearing: Hearing,
    store: Store,
    cursors: Cursors,
    erasures: Erasures,
    clock: Clock,
) -> AsyncIterator[None]:
    """Have every room that opens listened to, until the end of the block."""
    attendant = Attendant(hearing.ear, store, cursors)
    cues = CueKeeper(clock, hearing.impressions)

    def opened(room: AnyRoom) -> None:
        if not is_rehearsal(room.slug):  # what is played teaches nothing
            attendant.attend(room)
        cues.attend(room)
        room.follow(lambda committed: _forget(room, committed, hearing))

    rooms.on_open(opened)
    work = [
        asyncio.create_task(attendant.run(), name="ear-attendant"),
        asyncio.create_task(cues.run(), name="cues"),
        asyncio.create_task(forget_the_erased(hearing.ear, erasures), name="ear-erasures"),
    ]
    try:
        yield
    finally:
        for each in work:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)


def _forget(room: AnyRoom, committed: Committed, hearing: Hearing) -> None:
    """What is gone from a session goes from beside it too."""
    for each in committed.events:
        event = each.event
        if isinstance(event, ParticipantChanged) and event.erased:
            hearing.moods.forget(room.id, event.participant_id)
            hearing.impressions.forget(room.id, event.participant_id)
        hearing.translations.forget(_withdrawn(room.state, event))


def _withdrawn(state: RoomState, event: Event) -> tuple[ContentId, ...]:
    match event:
        case MessageRemoved(message_id=message_id) | MessageRefused(message_id=message_id):
            message = state.messages.get(message_id)
            return () if message is None else all_versions(message.content_id, message.revision)
        case QuestionChanged(question_id=question_id, withdrawn=True):
            question = state.questions[question_id]
            return all_versions(question.content_id, question.revision)
        case _:
            return ()


def ear_gauges(ear: Ear) -> Mapping[str, tuple[str, float]]:
    """How the ear is, for those who watch over the server."""
    status = ear.status
    figures: dict[str, tuple[str, float]] = {
        "causerie_ear_ready": ("Whether the models answer.", int(status.models == "ready")),
        "causerie_ear_trouble": ("Things of the ear that do not work.", len(status.trouble)),
        "causerie_ear_decisions": ("Decisions the filter learned from.", status.decisions),
        "causerie_ear_resident_megabytes": ("Memory of the ear's process.", status.rss_mb),
    }
    for phase, count in status.skipped.items():
        name = f"causerie_ear_skipped_{phase}"
        figures[name] = (f"Lines judged without the phase {phase}.", count)
    return figures
