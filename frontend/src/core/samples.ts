/** Shapes of the wire with everything in them, for tests to change what they are about. */
import type { Event, EventData, EventType, Message, Question, Snapshot, You } from '../wire/types';

const AT = '2026-11-20T19:00:00.000Z';

export function aYou(change: Partial<You> = {}): You {
  return { id: 'p1', role: 'viewer', display_name: 'Ada', segment: 'general', language: 'en', ...change };
}

export function aMessage(change: Partial<Message> = {}): Message {
  return {
    id: 'm1',
    revision: 1,
    status: 'published',
    text: 'Good evening',
    language: 'en',
    author: { id: 'p2', display_name: 'Bo', role: 'viewer' },
    at: AT,
    edited: false,
    ...change,
  };
}

export function aQuestion(change: Partial<Question> = {}): Question {
  return {
    id: 'q1',
    revision: 1,
    status: 'published',
    text: 'Do you deliver to Belgium?',
    language: 'en',
    author: { id: 'p2', display_name: 'Bo', role: 'viewer' },
    votes: 0,
    at: AT,
    asked_by: 1,
    asked_in: ['en'],
    edited: false,
    ...change,
  };
}

export function aSnapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    session: {
      slug: 's',
      title: 'The winter collection',
      state: 'live',
      starts_at: null,
      languages: ['en', 'fr'],
      segments: [],
      review: 'after',
      visibility: 'public',
      live_since: AT,
      ended_at: null,
      recorded: false,
    },
    you: { ...aYou(), mine: [], votes: [], muted: [], sanctions: [], papers: [], ballots: [] },
    messages: [],
    questions: { items: [], total: 0 },
    polls: [],
    announcements: [],
    pins: [],
    mode: {
      review: 'after',
      slow_s: 0,
      members_only: false,
      emoji_only: false,
      links: true,
      long_form: false,
      questions_only: false,
      hold_newcomers: false,
      shield: null,
    },
    stage: { seats: [], closed: false, locked: [], slate: null },
    screen: null,
    runshow: null,
    ...change,
  };
}

export function anEvent<K extends EventType>(type: K, data: EventData[K], seq = 1): Event {
  return { seq, type, at: AT, data } as Event;
}
