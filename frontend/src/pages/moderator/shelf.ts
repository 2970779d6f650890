/**
 * Everything that the desk knows, by key, and the queues it stands in. An event costs what it
 * changes: no list is built anew for it. Pure; `watch` tells what came and went where.
 */
import { isWhole } from '$core/reducer';
import type { Event, Marks, Message, Participant, Question, Snapshot, Subject, SubjectKind } from '$wire/types';
import { type Item, itemOf, keyOf, laneOf, type LaneId, type Status } from './items';
import { type Order, Queue } from './queue';

/** So many chat lines that everyone sees stay at hand; older ones are searched for. */
const LINES_KEPT = 2000;
const LANES: readonly LaneId[] = ['handle', 'live', 'host', 'answered', 'aside', 'all'];

interface Guess {
  readonly status: Status;
  /** The revision that was decided on: a later one is the server's own word. */
  readonly revision: number;
}

export interface Ranking {
  /** Which items stand in the queues at all. */
  readonly wanted: (item: Item) => boolean;
  readonly orders: Readonly<Record<LaneId, Order>>;
  /** Whether the queue of all is kept as well. */
  readonly together: boolean;
}

export interface Watcher {
  came(lane: LaneId, key: string): void;
  went(lane: LaneId, key: string, erased: boolean): void;
}

interface Placed {
  readonly item: Item;
  readonly lanes: readonly LaneId[];
}

export class Shelf {
  /** How many there are of each, whatever is filtered. */
  readonly totals: Record<LaneId, number> = { handle: 0, live: 0, host: 0, answered: 0, aside: 0, all: 0 };
  /** How many of those that wait were held for a reason. */
  heldForReason = 0;

  readonly #known = new Map<string, Item>();
  readonly #guesses = new Map<string, Guess>();
  readonly #shown = new Map<string, Placed>();
  readonly #byAuthor = new Map<string, Set<string>>();
  readonly #asked = new Map<string, string>();
  /** Chat lines in the order in which they came, the oldest first. */
  #lines: string[] = [];
  #queues: Record<LaneId, Queue>;
  /** Keys that a fresh snapshot has not told of yet. */
  #doubtful = new Set<string>();

  constructor(
    private ranking: Ranking,
    private readonly watch: Watcher,
  ) {
    this.#queues = this.#empty();
  }

  queue(lane: LaneId): Queue {
    return this.#queues[lane];
  }

  /** The item as it is to be shown, one's own guess included. */
  find(key: string): Item | undefined {
    return this.#shown.get(key)?.item;
  }

  /** The keys of all that waits to be handled, whatever is filtered. */
  waiting(): string[] {
    return [...this.#shown].filter(([, { item }]) => item.status === 'pending').map(([key]) => key);
  }

  /** The question that a chat line has become. */
  askedOf(message_id: string): Item | undefined {
    const key = this.#asked.get(message_id);
    return key === undefined ? undefined : this.find(key);
  }

  /** Sorts and filters anew: for what a person chooses, never for an event. */
  rank(ranking: Ranking): void {
    this.ranking = ranking;
    const filled = Object.fromEntries(LANES.map((lane) => [lane, [] as Item[]])) as Record<LaneId, Item[]>;
    for (const [key, { item }] of this.#shown) {
      const lanes = this.#lanesFor(item);
      for (const lane of lanes) filled[lane].push(item);
      this.#shown.set(key, { item, lanes });
    }
    for (const lane of LANES) this.#queues[lane] = new Queue(ranking.orders[lane], filled[lane]);
  }

  /** All that a fresh snapshot tells. What it does not tell of is kept, in doubt, until `settle`. */
  replace(snapshot: Snapshot): void {
    this.#doubtful = new Set(this.#known.keys());
    for (const held of snapshot.held?.items ?? []) this.put(held.kind, held);
    for (const message of snapshot.messages) this.#tell('message', message);
    for (const question of snapshot.questions.items) this.#tell('question', question);
  }

  /** Forgets what nobody has told of since the last snapshot. */
  settle(): void {
    for (const key of this.#doubtful) this.drop(key);
    this.#doubtful = new Set();
  }

  take(event: Event): void {
    switch (event.type) {
      case 'message.published':
      case 'message.held':
      case 'message.refused':
      case 'message.edited':
      case 'message.removed':
        return this.#tell('message', event.data.message);
      case 'question.merged':
        this.#tell('question', event.data.into);
        return this.#tell('question', event.data.question);
      case 'question.published':
      case 'question.held':
      case 'question.changed':
      case 'question.split':
        return this.#tell('question', event.data.question);
      case 'vote.tallied': {
        const known = this.#known.get(`question:${event.data.question_id}`);
        if (known) this.#keep({ ...known, votes: event.data.votes });
        return;
      }
      case 'subject.marked': {
        const known = this.#known.get(keyOf(event.data.subject));
        if (known) this.#keep(withMarks(known, event.data.marks));
        return;
      }
      case 'participant.changed':
        return this.#rename(event.data.participant);
    }
  }

  /** Keeps it, unless a later revision is known. */
  put(kind: SubjectKind, subject: Message | Question): void {
    const item = itemOf(kind, subject);
    this.#doubtful.delete(item.key);
    const known = this.#known.get(item.key);
    if (!known || known.revision <= item.revision) this.#keep(item);
  }

  drop(key: string): void {
    const known = this.#known.get(key);
    if (!known) return;
    this.#known.delete(key);
    this.#guesses.delete(key);
    this.#byAuthor.get(known.author.id)?.delete(key);
    const placed = this.#shown.get(key);
    this.#shown.delete(key);
    if (placed) this.#withdraw(placed, true);
  }

  /** Shows at once what the server will say in a moment. */
  guess(key: string, status: Status, revision: number): void {
    this.#guesses.set(key, { status, revision });
    this.#show(key);
  }

  /** The server has answered: its word holds. */
  unguess(key: string): void {
    if (this.#guesses.delete(key)) this.#show(key);
  }

  #tell(kind: SubjectKind, subject: Snapshot['messages'][number] | Snapshot['questions']['items'][number]): void {
    if (isWhole(subject)) this.put(kind, subject);
    else this.drop(keyOf({ kind, id: subject.id } satisfies Subject));
  }

  #keep(item: Item): void {
    const isNew = !this.#known.has(item.key);
    this.#known.set(item.key, item);
    if (isNew) {
      const mine = this.#byAuthor.get(item.author.id);
      if (mine) mine.add(item.key);
      else this.#byAuthor.set(item.author.id, new Set([item.key]));
      if (item.from_message !== undefined) this.#asked.set(item.from_message, item.key);
      if (item.kind === 'message') this.#remember(item.key);
    }
    this.#show(item.key);
  }

  #remember(key: string): void {
    this.#lines.push(key);
    if (this.#lines.length < LINES_KEPT * 1.25) return;
    const surplus = this.#lines.length - LINES_KEPT;
    const old = this.#lines.slice(0, surplus);
    const waits = (each: string): boolean => this.#known.get(each)?.status === 'pending';
    this.#lines = [...old.filter(waits), ...this.#lines.slice(surplus)];
    for (const each of old) if (!waits(each)) this.drop(each);
  }

  #rename(who: Participant): void {
    for (const key of this.#byAuthor.get(who.id) ?? []) {
      const known = this.#known.get(key);
      if (!known) continue;
      const { display_name, role } = who;
      const author = { ...known.author, display_name, role, ...(who.segment && { segment: who.segment }) };
      this.#keep({ ...known, author });
    }
  }

  #show(key: string): void {
    const known = this.#known.get(key);
    if (!known) return;
    const guess = this.#guesses.get(key);
    const holds = guess !== undefined && guess.revision >= known.revision;
    if (!holds) this.#guesses.delete(key);
    const item = holds ? { ...known, status: guess.status } : known;
    const before = this.#shown.get(key);
    const after: Placed = { item, lanes: this.#lanesFor(item) };
    if (before) this.#withdraw(before, false, after.lanes);
    this.#shown.set(key, after);
    this.#count(item, 1);
    for (const lane of after.lanes) {
      this.#queues[lane].add(item);
      if (!before?.lanes.includes(lane)) this.watch.came(lane, key);
    }
  }

  #withdraw({ item, lanes }: Placed, erased: boolean, staysIn: readonly LaneId[] = []): void {
    this.#count(item, -1);
    for (const lane of lanes) {
      this.#queues[lane].remove(item);
      if (!staysIn.includes(lane)) this.watch.went(lane, item.key, erased);
    }
  }

  #count(item: Item, by: 1 | -1): void {
    if (item.merged_into !== undefined) return;
    this.totals[laneOf(item.status)] += by;
    this.totals.all += by;
    if (isHeldForReason(item)) this.heldForReason += by;
  }

  /** None for what was merged: it stands under its root. */
  #lanesFor(item: Item): readonly LaneId[] {
    if (item.merged_into !== undefined || !this.ranking.wanted(item)) return [];
    const lane = laneOf(item.status);
    return this.ranking.together ? [lane, 'all'] : [lane];
  }

  #empty(): Record<LaneId, Queue> {
    const { orders } = this.ranking;
    return Object.fromEntries(LANES.map((lane) => [lane, new Queue(orders[lane])])) as Record<LaneId, Queue>;
  }
}

function withMarks(item: Item, marks: Marks): Item {
  const marked = { ...item };
  delete marked.labels;
  delete marked.assignee;
  return { ...marked, ...marks };
}

/** Whether the filter held it, and not merely the mode in which everything is read first. */
export function isHeldForReason(item: Item): boolean {
  return item.status === 'pending' && (item.reasons ?? []).some((reason) => !reason.noted);
}
