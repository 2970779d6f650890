/** Messages and questions as one thing to be moderated, and the lanes they stand in. Pure. */
import { isWhole } from '$core/reducer';
import type {
  Message,
  MessageStatus,
  Question,
  QuestionStatus,
  Snapshot,
  Subject,
  SubjectKind,
  Verdict,
} from '$wire/types';

export type Status = MessageStatus | QuestionStatus;

export interface Item extends Omit<Message, 'status'>, Partial<Omit<Question, keyof Message>> {
  /** `message:m1`: unique among both kinds. */
  readonly key: string;
  readonly kind: SubjectKind;
  readonly status: Status;
}

export type LaneId = 'handle' | 'live' | 'host' | 'answered' | 'aside';
/** `likely`: chat lines, the likeliest questions first; `desk:…`: what is for that desk of the house. */
export type Shown = 'all' | 'question' | 'message' | 'likely' | `desk:${string}`;
export type Lanes = Record<LaneId, Item[]>;

export function keyOf(subject: Subject): string {
  return `${subject.kind}:${subject.id}`;
}

export function itemOf(kind: SubjectKind, subject: Message | Question): Item {
  return { ...subject, kind, key: `${kind}:${subject.id}` };
}

/** Every item that the snapshot tells in full; merged questions stand under their root alone. */
export function itemsOf(snapshot: Snapshot): Item[] {
  const items = new Map<string, Item>();
  const put = (item: Item): void => void items.set(item.key, item);
  for (const held of snapshot.held?.items ?? []) put(itemOf(held.kind, held));
  for (const message of snapshot.messages) if (isWhole(message)) put(itemOf('message', message));
  for (const question of snapshot.questions.items) {
    if (isWhole(question) && question.merged_into === undefined) put(itemOf('question', question));
  }
  return [...items.values()];
}

/** What the snapshot tells, unless a later revision is known, and what is known beyond it. */
export function withKnown(told: readonly Item[], known: ReadonlyMap<string, Item>): Item[] {
  const newest = told.map((item) => {
    const other = known.get(item.key);
    return other && other.revision > item.revision ? other : item;
  });
  const keys = new Set(told.map((item) => item.key));
  return [...newest, ...[...known.values()].filter((item) => !keys.has(item.key))];
}

export function laneOf(status: Status): LaneId {
  switch (status) {
    case 'pending':
      return 'handle';
    case 'published':
      return 'live';
    case 'picked':
    case 'answering':
      return 'host';
    case 'answered':
      return 'answered';
    default:
      return 'aside';
  }
}

const oldest = (a: Item, b: Item): number => a.at.localeCompare(b.at);
const newest = (a: Item, b: Item): number => (b.seq ?? 0) - (a.seq ?? 0) || b.at.localeCompare(a.at);
const wanted = (a: Item, b: Item): number => (b.votes ?? 0) - (a.votes ?? 0) || oldest(a, b);

/** What is on air first, then what was picked, in the order it was picked. */
const forHost = (a: Item, b: Item): number =>
  Number(b.status === 'answering') - Number(a.status === 'answering') ||
  (a.picked_at ?? a.at).localeCompare(b.picked_at ?? b.at);
const latestAnswer = (a: Item, b: Item): number =>
  (b.answered_at ?? b.at).localeCompare(a.answered_at ?? a.at);

const likeliest = (a: Item, b: Item): number =>
  (b.hints?.question ?? 0) - (a.hints?.question ?? 0) || oldest(a, b);

function orders(shown: Shown): (a: Item, b: Item) => number {
  if (shown === 'likely') return likeliest;
  return shown === 'question' || shown.startsWith('desk:') ? wanted : newest;
}

function isShown(item: Item, shown: Shown): boolean {
  if (shown === 'likely') return item.kind === 'message';
  if (shown.startsWith('desk:')) return item.hints?.desk?.value === shown.slice('desk:'.length);
  return shown === 'all' || shown === item.kind;
}

/** The items in their lanes, each lane in the order in which it is worked. */
export function lanesOf(items: readonly Item[], shown: Shown): Lanes {
  const lanes: Lanes = { handle: [], live: [], host: [], answered: [], aside: [] };
  for (const item of items) {
    const lane = laneOf(item.status);
    // The host's lanes hold questions only, whatever one looks at elsewhere.
    if (isShown(item, shown) || lane === 'host' || lane === 'answered') {
      lanes[lane].push(item);
    }
  }
  lanes.handle.sort(shown === 'likely' ? likeliest : oldest);
  lanes.live.sort(orders(shown));
  lanes.host.sort(forHost);
  lanes.answered.sort(latestAnswer);
  lanes.aside.sort(newest);
  return lanes;
}

/** Whether the item says these words, or its author bears them; accents and case do not matter. */
export function matches(item: Item, words: string): boolean {
  const wantedWords = plain(words).split(/\s+/).filter(Boolean);
  const said = plain(`${item.text} ${item.author.display_name ?? ''}`);
  return wantedWords.every((word) => said.includes(word));
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** What may be decided about an item as it is, the likeliest first. */
export function verdictsFor(item: Pick<Item, 'kind' | 'status'>): Verdict[] {
  if (item.kind === 'message') {
    switch (item.status) {
      case 'pending':
        return ['publish', 'refuse'];
      case 'published':
        return ['remove'];
      case 'removed':
        return ['restore'];
      default:
        return [];
    }
  }
  switch (item.status) {
    case 'pending':
      return ['publish', 'dismiss'];
    case 'published':
      return ['pick', 'dismiss'];
    case 'picked':
      return ['answering', 'answered', 'dismiss'];
    case 'answering':
      return ['answered', 'dismiss'];
    case 'dismissed':
      return ['restore'];
    default:
      return [];
  }
}

/** The status that a verdict gives, to show at once what the server will say in a moment. */
export function statusAfter(verdict: Verdict): Status {
  const after: Record<Verdict, Status> = {
    publish: 'published',
    refuse: 'refused',
    remove: 'removed',
    restore: 'published',
    pick: 'picked',
    answering: 'answering',
    answered: 'answered',
    dismiss: 'dismissed',
  };
  return after[verdict];
}

/** The text cut where the evidence stands in it, so that it can be underlined. */
export function underlined(text: string, evidence: readonly string[]): { text: string; marked: boolean }[] {
  const found = evidence
    .filter((each) => each !== '')
    .map((each) => ({ start: text.toLowerCase().indexOf(each.toLowerCase()), length: each.length }))
    .filter((each) => each.start >= 0)
    .sort((a, b) => a.start - b.start);
  const parts: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const { start, length } of found) {
    if (start < at) continue;
    if (start > at) parts.push({ text: text.slice(at, start), marked: false });
    parts.push({ text: text.slice(start, start + length), marked: true });
    at = start + length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false });
  return parts;
}
