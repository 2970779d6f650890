/**
 * Folds events into a snapshot: *snapshot at N + visible events after N = a fresh snapshot later*.
 *
 * The server's own fold does the same; the golden files under tests/golden hold both to it. `pulse`
 * is not part of it. Unknown events and fields are ignored, lower revisions too.
 */
import type { Event, HeldMessage, HeldQuestion, Message, MessageTombstone } from '../wire/types';
import type { Participant, Question, QuestionTombstone, Snapshot, SnapshotYou, Subject } from '../wire/types';

/** How many of the latest, by first publication, are kept; tombstones count. */
export interface Windows {
  messages: number;
  questions: number;
}

/** Windows of the contract; both sides trim to them. */
export const WINDOWS: Windows = { messages: 50, questions: 200 };

export type AnyMessage = Message | MessageTombstone;
export type AnyQuestion = Question | QuestionTombstone;
export type Own = HeldMessage | HeldQuestion;

const STAFF: ReadonlySet<string> = new Set(['owner', 'host', 'moderator']);

export function isStaff(you: Pick<SnapshotYou, 'role'>): boolean {
  return STAFF.has(you.role);
}

export function isWhole<T extends AnyMessage | AnyQuestion>(item: T): item is Extract<T, { text: string }> {
  return 'text' in item;
}

/**
 * The snapshot after these events. Lists that nothing touched stay the same objects. A page that
 * wants a longer memory than the server's gives wider windows.
 */
export function fold(start: Snapshot, events: readonly Event[], windows: Windows = WINDOWS): Snapshot {
  if (events.length === 0) return start;
  // A shallow copy once a batch; `apply` replaces the lists that it changes.
  const draft = { ...start };
  for (const event of events) apply(draft, event, windows);
  return draft;
}

function apply(draft: Snapshot, event: Event, windows: Windows): void {
  switch (event.type) {
    case 'session.changed':
      draft.session = event.data.session;
      return;
    case 'mode.changed':
      draft.mode = event.data.mode;
      return;
    case 'stage.changed':
      draft.stage = event.data.stage;
      return;
    case 'pin.changed':
      draft.pins = event.data.pins;
      return;
    case 'message.published':
    case 'message.edited':
    case 'message.removed':
      return message(draft, event, windows.messages);
    case 'message.held':
    case 'message.refused':
      return heldMessage(draft, event.data.message);
    case 'question.published':
    case 'question.changed':
    case 'question.split':
      return question(draft, event.data.question, event.data, appends(event, windows));
    case 'question.held':
      return heldQuestion(draft, event.data.question);
    case 'question.merged':
      question(draft, event.data.question, event.data, 0);
      return question(draft, event.data.into, event.data, 0);
    case 'vote.tallied':
      return tally(draft, event.data.question_id, event.data.votes);
    case 'ballot.cast':
      draft.you = { ...draft.you, votes: toggled(draft.you.votes, event.data.question_id, event.data.up) };
      return;
    case 'person.muted':
      draft.you = { ...draft.you, muted: toggled(draft.you.muted, event.data.participant_id, event.data.on) };
      return;
    case 'participant.changed':
      return participant(draft, event.data.participant);
    case 'claim.changed':
    case 'decision.made':
    case 'report.filed':
    case 'sanction.set':
    case 'staff.said':
      return staffEvent(draft, event);
  }
}

/** The window that a newly published question enters; 0 for what is no news. */
function appends(event: Event, windows: Windows): number {
  return event.type === 'question.published' && event.data.place === undefined ? windows.questions : 0;
}

function message(
  draft: Snapshot,
  event: Extract<Event, { type: 'message.published' | 'message.edited' | 'message.removed' }>,
  window: number,
): void {
  const { message: item, place } = event.data;
  const known = indexOf(draft.messages, item.id);
  if (known >= 0) {
    draft.messages = replaced(draft.messages, known, item);
  } else if (event.type === 'message.published' && place === undefined) {
    draft.messages = [...draft.messages, item].slice(-window);
  }
  leaveHeld(draft, item.id);
}

function heldMessage(draft: Snapshot, item: AnyMessage): void {
  if (!isWhole(item)) return leaveHeld(draft, item.id);
  hold(draft, { kind: 'message', ...item }, item.status === 'pending');
}

function question(
  draft: Snapshot,
  item: AnyQuestion,
  told: { total?: number },
  window: number,
): void {
  const { items, total } = draft.questions;
  const known = indexOf(items, item.id);
  // A viewer who asked it keeps the words of a dismissed question, among what is theirs alone.
  const hidden = isWhole(item) && item.status === 'dismissed' && !isStaff(draft.you);
  const shown: AnyQuestion = hidden ? { id: item.id, status: item.status } : item;
  let next = items;
  if (known >= 0) next = replaced(items, known, shown);
  else if (window > 0) next = [...items, shown].slice(-window);
  draft.questions = { items: next, total: told.total ?? total };
  if (isWhole(item) && item.status === 'dismissed') hold(draft, { kind: 'question', ...item }, false);
  else leaveHeld(draft, item.id);
}

function heldQuestion(draft: Snapshot, item: AnyQuestion): void {
  if (!isWhole(item)) return leaveHeld(draft, item.id);
  hold(draft, { kind: 'question', ...item }, item.status === 'pending');
}

/** Puts an item among one's own if one wrote it, and among the team's if it waits for them. */
function hold(draft: Snapshot, item: Own, waits: boolean): void {
  if (item.author.id === draft.you.id) {
    draft.you = { ...draft.you, mine: upserted(draft.you.mine, item) };
  }
  if (!draft.held) return;
  const { items, total } = draft.held;
  const known = indexOf(items, item.id);
  if (waits) draft.held = { items: upserted(items, item), total: known < 0 ? total + 1 : total };
  else if (known >= 0) draft.held = { items: without(items, item.id), total: total - 1 };
}

function leaveHeld(draft: Snapshot, id: string): void {
  if (indexOf(draft.you.mine, id) >= 0) draft.you = { ...draft.you, mine: without(draft.you.mine, id) };
  if (draft.held && indexOf(draft.held.items, id) >= 0) {
    draft.held = { items: without(draft.held.items, id), total: draft.held.total - 1 };
  }
}

function tally(draft: Snapshot, id: string, votes: number): void {
  const known = indexOf(draft.questions.items, id);
  const item = draft.questions.items[known];
  if (item && isWhole(item)) {
    draft.questions = {
      ...draft.questions,
      items: replaced(draft.questions.items, known, { ...item, votes }),
    };
  }
}

/** A name or role as it is now, wherever it shows. */
function participant(draft: Snapshot, who: Participant): void {
  if (who.id === draft.you.id) {
    draft.you = { ...draft.you, display_name: who.display_name, role: who.role };
  }
  draft.messages = renamed(draft.messages, who);
  draft.questions = { ...draft.questions, items: renamed(draft.questions.items, who) };
  draft.you = { ...draft.you, mine: renamed(draft.you.mine, who) };
  draft.stage = {
    ...draft.stage,
    seats: draft.stage.seats.map((seat) =>
      seat.participant_id === who.id ? { ...seat, display_name: who.display_name } : seat,
    ),
  };
  if (draft.held) draft.held = { ...draft.held, items: renamed(draft.held.items, who) };
  if (draft.staff_says) draft.staff_says = renamed(draft.staff_says, who);
  if (draft.decisions) draft.decisions = draft.decisions.map((each) => signed(each, 'by', who));
  if (draft.claims) draft.claims = draft.claims.map((each) => signed(each, 'by', who));
  if (draft.reports) draft.reports = draft.reports.map((each) => signed(each, 'by', who));
}

type StaffEvent = Extract<
  Event,
  { type: 'claim.changed' | 'decision.made' | 'report.filed' | 'sanction.set' | 'staff.said' }
>;

function staffEvent(draft: Snapshot, event: StaffEvent): void {
  switch (event.type) {
    case 'decision.made':
      if (draft.decisions) draft.decisions = upserted(draft.decisions, event.data.decision);
      return;
    case 'staff.said':
      if (draft.staff_says) draft.staff_says = upserted(draft.staff_says, event.data.say);
      return;
    case 'report.filed':
      if (draft.reports) draft.reports = upserted(draft.reports, event.data.report);
      return;
    case 'claim.changed': {
      if (!draft.claims) return;
      const { subject, claim } = event.data;
      const others = draft.claims.filter((each) => !sameSubject(each.subject, subject));
      draft.claims = claim ? [...others, claim] : others;
      return;
    }
    case 'sanction.set': {
      if (!draft.sanctions) return;
      const { sanction, lifted } = event.data;
      const others = draft.sanctions.filter(
        (each) => each.participant_id !== sanction.participant_id || each.kind !== sanction.kind,
      );
      draft.sanctions = lifted ? others : [...others, sanction];
    }
  }
}

interface Identified {
  id: string;
}

/** From the end: what changes is nearly always recent. */
function indexOf(items: readonly Identified[], id: string): number {
  for (let i = items.length - 1; i >= 0; i -= 1) if (items[i]?.id === id) return i;
  return -1;
}

/** `item` in the place of the one at `index`, unless that one is a later revision. */
function replaced<T extends Identified & { revision?: number }>(items: T[], index: number, item: T): T[] {
  const before = items[index];
  if ((item.revision ?? Infinity) < (before?.revision ?? -Infinity)) return items;
  return items.with(index, item);
}

function upserted<T extends Identified & { revision?: number }>(items: T[], item: T): T[] {
  const known = indexOf(items, item.id);
  return known < 0 ? [...items, item] : replaced(items, known, item);
}

function without<T extends Identified>(items: T[], id: string): T[] {
  return items.filter((item) => item.id !== id);
}

function toggled(ids: string[], id: string, on: boolean): string[] {
  if (ids.includes(id) === on) return ids;
  return on ? [...ids, id] : ids.filter((each) => each !== id);
}

function sameSubject(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/** The same items with this person's name and role as they are now; the same list if none is theirs. */
function renamed<T extends object>(items: T[], who: Participant): T[] {
  let changed = false;
  const next = items.map((item) => {
    const signedItem = 'author' in item ? signed(item as T & { author: unknown }, 'author', who) : item;
    changed ||= signedItem !== item;
    return signedItem;
  });
  return changed ? next : items;
}

function signed<K extends string, T extends { [key in K]: unknown }>(item: T, key: K, who: Participant): T {
  const author = item[key] as { id: string; display_name: string | null; role: string } | null;
  if (author?.id !== who.id) return item;
  return { ...item, [key]: { ...author, display_name: who.display_name, role: who.role } };
}
