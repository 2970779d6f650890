"""Something is pinned above the chat, and taken down again."""

from __future__ import annotations

from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.pin import MAX_PINS, Pin
from live.domain.session_commands import ClearPin, SetPin
from live.domain.session_events import PinChanged
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.domain.text import clean_text
from live.domain.writing import new_content


def set_pin(
    state: RoomState, actor: Participant, command: SetPin, context: Context
) -> Decided | Refusal:
    if (command.text is None) == (command.subject is None):
        return Refusal("invalid", "A pin is either a text or a subject.")
    pin_id = context.entropy.new_id()
    if command.subject is not None:
        if not state.is_public(command.subject):
            return Refusal("not_found", "Only what everyone sees can be pinned.")
        pin = Pin(pin_id, context.now, subject=command.subject)
        return _pinned(state, pin, Decided())
    text = clean_text(command.text or "", context.limits.text)
    if isinstance(text, Refusal):
        return text
    content, commitment = new_content(state, actor, text, context)
    pin = Pin(pin_id, context.now, content_id=content.id, commitment=commitment)
    return _pinned(state, pin, Decided(contents=(content,)))


def _pinned(state: RoomState, pin: Pin, beside: Decided) -> Decided:
    others = [each for each in state.pins if pin.subject is None or each.subject != pin.subject]
    return Decided(
        events=(PinChanged((pin, *others)[:MAX_PINS]),),
        result=Result(pin_id=pin.id),
        contents=beside.contents,
    )


def clear_pin(
    state: RoomState, actor: Participant, command: ClearPin, _: Context
) -> Decided | Refusal:
    if command.pin_id is None:
        return Decided((PinChanged(()),) if state.pins else ())
    left = tuple(pin for pin in state.pins if pin.id != command.pin_id)
    if left == state.pins:
        return Refusal("not_found", "There is no such pin.")
    return Decided((PinChanged(left),), Result(pin_id=command.pin_id))


def without_pin(state: RoomState, subject: Subject) -> tuple[Event, ...]:
    """What takes the pin of a subject down, if it has one: it is about to disappear."""
    left = tuple(pin for pin in state.pins if pin.subject != subject)
    return () if left == state.pins else (PinChanged(left),)


def fold_pins(state: RoomState, recorded: Recorded, event: PinChanged) -> None:
    kept = {pin.content_id for pin in event.pins}
    for pin in state.pins:
        if pin.content_id is not None and pin.content_id not in kept:
            state.contents.discard(pin.content_id)
    state.pins = event.pins
