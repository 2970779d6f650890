/** Messages and questions as one thing to be moderated, and the lanes they stand in. Pure. */
import type {
  Message,
  MessageStatus,
  Question,
  QuestionStatus,
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

/** `all`: whatever its status, in one list. */
export type LaneId = 'handle' | 'live' | 'host' | 'answered' | 'aside' | 'all';
/** `likely`: chat lines, the likeliest questions first; `desk:…`: what is for that desk of the house. */
export type Shown = 'all' | 'question' | 'message' | 'likely' | `desk:${string}`;

export function keyOf(subject: Subject): string {
  return `${subject.kind}:${subject.id}`;
}

export function itemOf(kind: SubjectKind, subject: Message | Question): Item {
  return { ...subject, kind, key: `${kind}:${subject.id}` };
}

export function laneOf(status: Status): Exclude<LaneId, 'all'> {
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
