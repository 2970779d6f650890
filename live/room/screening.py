"""Asks the gate about a text before the writer takes it, with a deadline."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Literal

from live.domain.commands import PersonCommand
from live.domain.dial import Dial, Level
from live.domain.message import Reason
from live.domain.message_commands import PostMessage
from live.domain.outcome import Refusal, Screening
from live.domain.people import Participant
from live.domain.poll import PollKind
from live.domain.poll_commands import AnswerPoll
from live.domain.posting import question_in
from live.domain.question_commands import AskQuestion
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.ports.gate import Candidate, Gate, PromptGate
from live.room.hearing import screening_of
from live.room.settings import RoomSettings

logger = logging.getLogger(__name__)

_UNREVIEWED = {
    "fr": "Le filtre n’a pas répondu à temps : un modérateur va lire ceci.",
    "en": "The filter did not answer in time: a moderator will read this.",
}


class Screener:
    """The gate's view of what viewers and guests write; what staff write is not asked about."""

    def __init__(self, gate: Gate, settings: RoomSettings) -> None:
        self._gate = gate
        self._prompt = gate if isinstance(gate, PromptGate) else None
        self._settings = settings

    def needs(self, state: RoomState, participant: Participant, command: PersonCommand) -> bool:
        if participant.role.is_staff:
            return False
        if isinstance(command, AnswerPoll):
            poll = state.polls.get(command.poll_id)
            return poll is not None and poll.plan.kind is PollKind.WORDS
        return isinstance(command, PostMessage | AskQuestion)

    async def screen(
        self, state: RoomState, participant: Participant, command: PersonCommand
    ) -> Screening | Refusal | None:
        """What the gate thinks. A refusal where the text is none, None where nobody need be asked.
        A gate that fails or is late counts as silent, and never stops the conversation."""
        candidate = self._candidate(state, participant, command)
        if candidate is None or isinstance(candidate, Refusal):
            return candidate
        try:
            async with asyncio.timeout(self._settings.gate_deadline_s):
                opinion = await self._gate.review(candidate)
        except TimeoutError:
            logger.warning("gate late", extra={"session": state.session.slug})
        except Exception:
            logger.exception("gate failed", extra={"session": state.session.slug})
        else:
            return screening_of(state, candidate, opinion)
        return self._silent(participant)

    def at_once(
        self, state: RoomState, participant: Participant, command: PersonCommand
    ) -> Screening | Refusal | None:
        """As ``screen``, of a command that ``needs`` it; None where the gate has to be waited
        for."""
        if self._prompt is None:
            return None
        candidate = self._candidate(state, participant, command)
        if candidate is None or isinstance(candidate, Refusal):
            return candidate
        try:
            opinion = self._prompt.at_once(candidate)
        except Exception:
            logger.exception("gate failed", extra={"session": state.session.slug})
            return self._silent(participant)
        return None if opinion is None else screening_of(state, candidate, opinion)

    def _candidate(
        self, state: RoomState, participant: Participant, command: PersonCommand
    ) -> Candidate | Refusal | None:
        """What the gate is to look at."""
        if not isinstance(command, PostMessage | AskQuestion | AnswerPoll):
            return None
        session, listening = state.session, state.listening
        kind: Literal["message", "question"] = "question"
        dial = listening.dial
        if isinstance(command, AnswerPoll):
            kind, text = "message", " · ".join(command.choices)
            dial = _for_words(dial)
        else:
            text = command.text
        if isinstance(command, PostMessage):
            asked = question_in(text)
            kind = "message" if asked is None else "question"
            text = text if asked is None else asked
        cleaned = clean_text(text, self._settings.limits.text)
        if isinstance(cleaned, Refusal):
            return cleaned
        return Candidate(
            session_id=session.id,
            author_id=participant.id,
            author_role=participant.role,
            kind=kind,
            text=cleaned,
            languages=session.languages,
            author_language=participant.language,
            author_segment=participant.segment,
            author_chose=participant.language_chosen,
            dial=dial,
            watched=listening.watched,
        )

    def _silent(self, participant: Participant) -> Screening:
        language = participant.language
        if not self._settings.hold_unreviewed:
            return Screening(hold=False, language=language)
        words = _UNREVIEWED["fr" if language.partition("-")[0] == "fr" else "en"]
        return Screening(hold=True, language=language, reasons=(Reason("unreviewed", words),))


def _for_words(dial: Dial) -> Dial:
    """Without what means nothing in the words of a cloud: that many say the same is what it is
    for."""
    off = Level.OFF
    return replace(
        dial, repeats=off, language=off, question=off, duplicates=off, segment=off, mood=off
    )
