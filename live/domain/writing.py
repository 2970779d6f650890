"""Who may write now, and what: the checks that messages and questions share."""

from __future__ import annotations

from dataclasses import replace

from live.domain.content import Content, commitment
from live.domain.fact import Event
from live.domain.ids import ContentId, MessageId
from live.domain.message import Reason
from live.domain.mode import LONG_FORM_CHARS, Review
from live.domain.outcome import Context, Decided, Refusal, Result, Screening
from live.domain.people import Participant
from live.domain.people_events import ParticipantChanged
from live.domain.posted import Posted
from live.domain.sanction import SILENCING, SanctionKind
from live.domain.state import RoomState
from live.domain.text import clean_text, has_link, is_emoji_only

MEMBERS_BY_CHOICE = frozenset({"customer"})
"""The open segments that write in a members-only chat; granted ones always do."""

_SILENCED = {
    SanctionKind.BAN: "You are banned from this session.",
    SanctionKind.MUTE: "You may not write in this session.",
    SanctionKind.TIMEOUT: "You may not write for a while.",
}


def writable(state: RoomState, actor: Participant, text: str, context: Context) -> str | Refusal:
    """The text as it may be taken from this person now, or why not."""
    refusal = person_refusal(state, actor, context)
    if refusal:
        return refusal
    cleaned = clean_text(text, context.limits.text)
    if isinstance(cleaned, Refusal) or actor.role.is_staff:
        return cleaned
    refusal = _mode_refusal(state, actor, cleaned, context)
    if refusal:
        return refusal
    masked = None if context.screening is None else context.screening.masked
    return cleaned if masked is None else masked


def chat_refusal(state: RoomState, actor: Participant, text: str) -> Refusal | None:
    """Why the rules keep this line out of the chat, though it would do as a question."""
    if actor.role.is_staff:
        return None
    if state.mode.questions_only:
        return Refusal("forbidden", "Only questions at the moment.")
    if state.mode.long_form and len(text) < LONG_FORM_CHARS:
        return Refusal(
            "forbidden",
            f"Only whole sentences at the moment: {LONG_FORM_CHARS} characters or more.",
        )
    return None


UNDER_REVIEW = Reason("under_review", "The team reads first what this person writes.")
LOOKS_BANNED = Reason("banned_device", "Same device and address as someone who was banned.")


def looked_at(state: RoomState, actor: Participant, context: Context) -> Context:
    """The context of a text: held, with the reason, where its author is under review."""
    review = state.sanction_of(actor.id, (SanctionKind.REVIEW,), context.now)
    if review is None:
        return context
    reason = LOOKS_BANNED if review.by is None else UNDER_REVIEW
    screening = context.screening or Screening(hold=True, language=actor.language)
    screening = replace(screening, hold=True, reasons=(*screening.reasons, reason))
    return replace(context, screening=screening)


def is_held(state: RoomState, actor: Participant, context: Context) -> bool:
    """Whether what this person writes waits for a decision."""
    if actor.role.is_staff:
        return False
    if context.screening is not None and context.screening.hold:
        return True
    newcomers_held = state.mode.newcomers_held
    if newcomers_held is not None and actor.joined_at > newcomers_held:
        return True
    return state.mode.review is Review.BEFORE


def queue_is_full(state: RoomState, context: Context) -> Refusal | None:
    if len(state.held) < context.limits.pending:
        return None
    return Refusal(
        "overloaded", "Too much waits for the moderators; try again soon.", retry_after_s=10.0
    )


def new_content(
    state: RoomState,
    owner: Participant,
    text: str,
    context: Context,
    content_id: ContentId | None = None,
) -> tuple[Content, str]:
    """An erasable row, fresh unless it is a version of another, and the commitment to it."""
    salt = context.entropy.salt()
    content = Content(
        id=content_id or ContentId(context.entropy.new_id()),
        session_id=state.session.id,
        owner_id=owner.id,
        text=text,
        salt=salt,
        at=context.now,
    )
    return content, commitment(text, salt)


def posted_by(
    actor: Participant,
    written: tuple[Content, str],
    context: Context,
    reply_to: MessageId | None = None,
) -> Posted:
    """What is true of the text from now on."""
    content, committed = written
    screening = context.screening
    return Posted(
        author_id=actor.id,
        content_id=content.id,
        commitment=committed,
        language=actor.language if screening is None else screening.language,
        at=context.now,
        reply_to=reply_to,
        reasons=() if screening is None else tuple(each.code for each in screening.reasons),
        score=None if screening is None else screening.score,
    )


def set_down(
    actor: Participant,
    event: Event,
    result: Result,
    written: tuple[Content, str],
    context: Context,
) -> Decided:
    """What comes of a text that was taken: its event, its row, and what it told of its author."""
    turned, participant = _follows(actor, context)
    return Decided(
        events=(event, *turned),
        participant=participant,
        result=result,
        contents=(written[0],),
        finding=None if context.screening is None else context.screening.finding,
    )


def _follows(
    actor: Participant, context: Context
) -> tuple[tuple[ParticipantChanged, ...], Participant | None]:
    """What comes of it that its author turns out to write another language than they were taken to,
    unless they chose one: the event, and the participant's row."""
    speaks = None if context.screening is None else context.screening.speaks
    if speaks is None or actor.language_chosen or speaks == actor.language:
        return (), None
    turned = replace(actor, language=speaks)
    return (changed_event(turned, audience=True),), turned


def changed_event(participant: Participant, *, audience: bool) -> ParticipantChanged:
    """How a participant stands now."""
    return ParticipantChanged(
        participant_id=participant.id,
        role=participant.role,
        segment=participant.segment,
        language=participant.language,
        audience=audience,
        erased=participant.erased,
    )


def person_refusal(state: RoomState, actor: Participant, context: Context) -> Refusal | None:
    """Why this person may not turn to the show now, whatever they have to say."""
    if not state.session.chat_runs:
        return Refusal("wrong_state", "The chat is not open.")
    sanction = state.sanction_of(actor.id, SILENCING, context.now)
    if sanction:
        until = sanction.until
        left_s = None if until is None else (until - context.now).total_seconds()
        return Refusal("forbidden", _SILENCED[sanction.kind], retry_after_s=left_s)
    if not actor.display_name:
        return Refusal("name_required", "Say what you want to be called first.")
    return None


def _mode_refusal(
    state: RoomState, actor: Participant, text: str, context: Context
) -> Refusal | None:
    mode = state.mode
    if mode.members_only and not _is_member(state, actor):
        return Refusal("forbidden", "Only members write at the moment.")
    if mode.emoji_only and not is_emoji_only(text):
        return Refusal("forbidden", "Only emoji at the moment.")
    if not mode.links and has_link(text):
        return Refusal("forbidden", "No links at the moment.")
    last = state.last_posts.get(actor.id)
    if mode.slow_s and last is not None:
        elapsed_s = (context.now - last).total_seconds()
        if 0 <= elapsed_s < mode.slow_s:  # a clock that was set back must not silence anyone
            return Refusal(
                "slow_mode", "Not so fast: slow mode is on.", retry_after_s=mode.slow_s - elapsed_s
            )
    return None


def _is_member(state: RoomState, actor: Participant) -> bool:
    return (
        actor.segment in MEMBERS_BY_CHOICE or state.session.segment_is_open(actor.segment) is False
    )
