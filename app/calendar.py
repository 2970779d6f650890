"""The date of a session as a file that calendars take in (RFC 5545)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from live.domain.session import Session

LENGTH: Final = timedelta(hours=1)
REMINDER: Final = timedelta(minutes=-10)


def calendar_file(session: Session, *, url: str, organiser: str, now: datetime) -> bytes:
    """One event of an hour at ``starts_at`` (which must be set), with a reminder before it.

    Its identity is the session's, so that taking the file in again moves the event.
    """
    if session.starts_at is None:
        raise ValueError("a session without a date has no calendar entry")
    from icalendar import Alarm, Calendar, Event  # noqa: PLC0415 -- much, for what is seldom asked

    event = Event()
    event.add("uid", f"{session.id}@causerie")
    event.add("dtstamp", now)
    event.add("sequence", int(now.timestamp()) % 2**31)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.starts_at + LENGTH)
    event.add("summary", session.title)
    event.add("description", f"{session.description}\n\n{url}".strip())
    event.add("url", url)
    event.add("location", url)
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("description", session.title)
    reminder.add("trigger", REMINDER)
    event.add_component(reminder)
    calendar = Calendar()
    calendar.add("prodid", "-//Causerie//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", organiser)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
