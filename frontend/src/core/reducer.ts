/**
 * Folds events into a snapshot: *snapshot at N + visible events after N = a fresh snapshot later*.
 *
 * The server's own fold does the same; the golden files under tests/golden hold both to it. `pulse`
 * is not part of it. Unknown events and fields are ignored, lower revisions too.
 */
import type { Author, Event, HeldMessage, HeldQuestion, Message, MessageTombstone } from '../wire/types';
import type { Announcement, Paper, Participant, Poll, Question, QuestionTombstone, Sanction, Snapshot } from '../wire/types';
import type { SnapshotYou } from '../wire/types';

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

export type TeamEvent = Extract<
  Event,
  {
    type:
      | 'announcement.saved'
      | 'call.changed'
      | 'claim.changed'
      | 'labels.changed'
      | 'subject.marked'
      | 'decision.made'
      | 'report.filed'
      | 'report.settled'
      | 'staff.said'
      | 'proposal.raised'
      | 'proposal.settled'
      | 'listening.changed'
      | 'poll.prepared'
      | 'part.changed'
      | 'paper.changed'
      | 'participant.changed'
      | 'runshow.changed'
      | 'runshow.moved'
      | 'cue.raised'
      | 'cue.settled'
      | 'cues.tuned';
  }
>;

/** What only the team is told is folded in `team.ts`, which a viewer's page leaves out. */
let team: ((draft: Snapshot, event: TeamEvent) => void) | undefined;

export function withTeam(fold: NonNullable<typeof team>): void {
  team = fold;
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
    case 'screen.changed':
      draft.screen = event.data.screen;
      return;
    case 'message.published':
    case 'message.held':
    case 'message.refused':
    case 'message.edited':
    case 'message.removed':
      return message(draft, event, windows.messages);
    case 'question.published':
    case 'question.held':
    case 'question.changed':
    case 'question.split':
      return question(draft, event.data.question, event.data, isNew(event) ? windows.questions : 0);
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
      participant(draft, event.data.participant);
      return team?.(draft, event);
    case 'sanction.set':
      return sanction(draft, event.data.sanction, event.data.lifted);
    case 'announcement.sent':
    case 'announcement.changed':
      draft.announcements = standing<Announcement>(draft.announcements, event.data.announcement);
      return;
    case 'poll.opened':
    case 'poll.closed':
    case 'poll.changed':
      draft.polls = standing<Poll>(draft.polls, event.data.poll);
      return;
    case 'poll.tallied':
      draft.polls = draft.polls.map((each) =>
        each.id === event.data.poll_id ? { ...each, tally: event.data.tally } : each,
      );
      return;
    case 'poll.answered': {
      const others = draft.you.ballots.filter((each) => each.poll_id !== event.data.poll_id);
      draft.you = { ...draft.you, ballots: sortedBy([...others, event.data], (each) => each.poll_id) };
      return;
    }
    case 'call.changed':
      // Only the team is told whose it is; to its caller it is their own.
      if (!event.data.call.person) draft.you = { ...draft.you, call: event.data.call };
      return team?.(draft, event);
    case 'paper.changed':
      paper(draft, event.data.paper);
      return team?.(draft, event);
    case 'runshow.changed':
      draft.runshow = event.data.runshow;
      return team?.(draft, event);
    default:
      return team?.(draft, event as TeamEvent);
  }
}

/** Whether this publishes something for the first time: only that enters a window at its end. */
function isNew(event: Event): boolean {
  const published = event.type === 'message.published' || event.type === 'question.published';
  return published && event.data.place === undefined;
}

// What an item does depends on what it is now, not on which event spoke of it: events are composed
// from the state of the moment they are sent, so an old one may carry a later status.

function message(
  draft: Snapshot,
  event: Extract<Event, { data: { message: AnyMessage } }>,
  window: number,
): void {
  const item = event.data.message;
  const shown: AnyMessage =
    isWhole(item) && item.status === 'published' ? item : { id: item.id, status: 'removed' };
  draft.messages = placed(draft.messages, shown, item, isNew(event) ? window : 0);
  if (isWhole(item) && (item.status === 'pending' || item.status === 'refused')) {
    hold(draft, { kind: 'message', ...item });
  } else {
    leaveHeld(draft, item.id);
  }
}

function question(draft: Snapshot, item: AnyQuestion, told: { total?: number }, window: number): void {
  const isPublic = item.status !== 'pending' && item.status !== 'dismissed';
  // Only the team sees a dismissed question in its place; its author finds it under `mine`.
  const shown: AnyQuestion =
    isWhole(item) && (isPublic || isStaff(draft.you)) ? item : { id: item.id, status: 'dismissed' };
  const { items, total } = draft.questions;
  const next = placed(items, shown, item, window);
  if (next !== items || (told.total ?? total) !== total) {
    draft.questions = { items: next, total: told.total ?? total };
  }
  if (isWhole(item) && !isPublic) hold(draft, { kind: 'question', ...item });
  else leaveHeld(draft, item.id);
}

/** `shown` in its place if it has one here, else at the end of a `window` that it enters. */
function placed<T extends Identified>(
  items: T[],
  shown: T,
  item: Identified,
  window: number,
): T[] {
  const known = indexOf(items, shown.id);
  if (known < 0) return window > 0 ? [...items, shown].slice(-window) : items;
  return isOlder(item, items[known]) ? items : items.with(known, shown);
}

/** Puts an item among one's own if one wrote it, and among the team's if it waits for them. */
function hold(draft: Snapshot, item: Own): void {
  if (item.author.id === draft.you.id) {
    draft.you = { ...draft.you, mine: shelved(draft.you.mine, item) };
  }
  if (!draft.held) return;
  const { items, total } = draft.held;
  const known = indexOf(items, item.id);
  if (item.status === 'pending') {
    draft.held = { items: shelved(items, item), total: known < 0 ? total + 1 : total };
  } else if (known >= 0) {
    draft.held = { items: without(items, item.id), total: total - 1 };
  }
}

/** In the order of writing; nearly always at the end. */
function shelved(items: Own[], item: Own): Own[] {
  const known = indexOf(items, item.id);
  if (known >= 0) return isOlder(item, items[known]) ? items : items.with(known, item);
  let at = items.length;
  while (at > 0 && byWriting(items[at - 1] as Own, item) > 0) at -= 1;
  return items.toSpliced(at, 0, item);
}

function leaveHeld(draft: Snapshot, id: string): void {
  if (indexOf(draft.you.mine, id) >= 0) draft.you = { ...draft.you, mine: without(draft.you.mine, id) };
  if (draft.held && indexOf(draft.held.items, id) >= 0) {
    draft.held = { items: without(draft.held.items, id), total: draft.held.total - 1 };
  }
}

function tally(draft: Snapshot, id: string, votes: number): void {
  const { questions, you, held } = draft;
  const items = tallied(questions.items, id, votes);
  if (items !== questions.items) draft.questions = { ...questions, items };
  const mine = tallied(you.mine, id, votes);
  if (mine !== you.mine) draft.you = { ...you, mine };
  if (held) draft.held = { ...held, items: tallied(held.items, id, votes) };
}

/** The same items with these votes; the same list if the question is not among them. */
function tallied<T extends Identified>(items: T[], id: string, votes: number): T[] {
  const known = indexOf(items, id);
  const item = items[known];
  return item && 'votes' in item ? items.with(known, { ...item, votes }) : items;
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
  draft.announcements = renamed(draft.announcements, who);
  draft.polls = renamed(draft.polls, who);
  const { papers, sanctions } = draft.you;
  draft.you = {
    ...draft.you,
    papers: papers.map((each) => resigned(each, who)),
    sanctions: sanctions.map((each) => signed(each, 'by', who)),
  };
}

export function resigned(paper: Paper, who: Participant): Paper {
  return signed(signed(signed(paper, 'author', who), 'person', who), 'settled_by', who);
}

/** Among one's own; `team.ts` files the team's. */
function paper(draft: Snapshot, told: Paper): void {
  // Who wrote is told to the team alone: what a viewer gets is their own.
  if (told.kind !== 'note' && (told.person === undefined || told.person.id === draft.you.id)) {
    draft.you = { ...draft.you, papers: filed(draft.you.papers, told) };
  }
}

/** Those this reader has in front of them: new, changed, or gone. */
export function standing<Kept extends Announcement | Poll>(all: Kept[], told: Kept | { id: string; at?: never }): Kept[] {
  if (told.at === undefined) return without(all, told.id);
  const known = all.find((each) => each.id === told.id);
  return known && known.revision > told.revision ? all : filed(all, told as Kept);
}

export function filed<Kept extends Paper | Announcement | Poll>(all: Kept[], told: Kept): Kept[] {
  return [...without(all, told.id), told].sort(byWriting);
}

/** For the team, and for whom it is about. */
function sanction(draft: Snapshot, set: Sanction, lifted: boolean): void {
  const others = (all: Sanction[]): Sanction[] => [
    ...all.filter((each) => each.participant_id !== set.participant_id || each.kind !== set.kind),
    ...(lifted ? [] : [set]),
  ];
  if (set.participant_id === draft.you.id) {
    draft.you = { ...draft.you, sanctions: sortedBy(others(draft.you.sanctions), (each) => each.kind) };
  }
  if (draft.sanctions) {
    draft.sanctions = sortedBy(others(draft.sanctions), (each) => `${each.participant_id} ${each.kind}`);
  }
}

export interface Identified {
  id: string;
  revision?: number;
}

/** From the end: what changes is nearly always recent. */
export function indexOf(items: readonly Identified[], id: string): number {
  for (let i = items.length - 1; i >= 0; i -= 1) if (items[i]?.id === id) return i;
  return -1;
}

function isOlder(item: Identified, than: Identified | undefined): boolean {
  return (item.revision ?? Infinity) < (than?.revision ?? -Infinity);
}

/** Always a list of its own, which the caller may sort. */
export function upserted<T extends Identified>(items: T[], item: T): T[] {
  const known = indexOf(items, item.id);
  if (known < 0) return [...items, item];
  return isOlder(item, items[known]) ? [...items] : items.with(known, item);
}

export function without<T extends Identified>(items: T[], id: string): T[] {
  return items.filter((item) => item.id !== id);
}

/** A sorted list of ids with one of them in or out. */
function toggled(ids: string[], id: string, on: boolean): string[] {
  if (ids.includes(id) === on) return ids;
  return on ? [...ids, id].sort() : ids.filter((each) => each !== id);
}

export function sortedBy<T>(items: T[], key: (item: T) => string): T[] {
  return items.sort((one, other) => compare(key(one), key(other)));
}

function byWriting(one: Own | Paper | Announcement | Poll, other: Own | Paper | Announcement | Poll): number {
  return compare(one.at, other.at) || compare(one.id, other.id);
}

/** By code units, as the server sorts; never by a locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** The same items with this person's name and role as they are now; the same list if none is theirs. */
export function renamed<T extends object>(items: T[], who: Participant): T[] {
  let changed = false;
  const next = items.map((item) => {
    const signedItem = 'author' in item ? signed(item as T & { author: unknown }, 'author', who) : item;
    changed ||= signedItem !== item;
    return signedItem;
  });
  return changed ? next : items;
}

export function signed<K extends string, T extends { [key in K]?: unknown }>(item: T, key: K, who: Participant): T {
  const author = item[key] as Author | null | undefined;
  if (author?.id !== who.id) return item;
  const now = { ...author, display_name: who.display_name, role: who.role };
  // Only the team's copies carry the segment.
  if ('segment' in author && who.segment !== undefined) now.segment = who.segment;
  return { ...item, [key]: now };
}
