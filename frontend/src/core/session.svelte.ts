/* eslint-disable svelte/prefer-svelte-reactivity -- state is replaced, never changed in place */
/**
 * One session as a page sees it: the connection, the folded state and the outbox, as runes.
 *
 * Everything is replaced, nothing mutated (`$state.raw`), and at most once a batch: 200 messages a
 * second cost a page no more renders than it can paint.
 */
import type { Ack, CommandData, CommandType, Event, Hello, Pulse, Refused, Sight, Snapshot } from '../wire/types';
import { Connection, type ConnectionOptions, type Link, type Listener } from './connection';
import { API, call, type Outcome } from './http';
import { type Answer, type Entry, type Keeper, Outbox } from './outbox';
import { type AnyMessage, type AnyQuestion, fold, isStaff, isWhole, type Windows, WINDOWS } from './reducer';

/** A person scrolls back further than the server's window; this is where a page forgets. */
const MEMORY: Windows = { messages: 2000, questions: 200 };
const EARLIER_PAGE = 50;
/** While hidden a page only keeps up; nobody looks. */
const HIDDEN_FLUSH_MS = 1000;
/** A slow device paints at 10 Hz; only one that needs longer than that to paint waits longer. */
const SLOW_FLUSH_MS = 100;
const SLOWEST_FLUSH_MS = 400;
const FRAME_MS = 16;

export interface SessionOptions extends ConnectionOptions {
  keeper?: Keeper;
}

/** Told what happened, as it is folded in; for announcements and sounds, not for state. */
export type Witness = (events: readonly Event[]) => void;

export class Session {
  /** All that one may know now; null until the first hello. */
  snapshot = $state.raw<Snapshot | null>(null);
  link = $state.raw<Link>('connecting');
  /** Why the server ended it for good; null while it has not. */
  closed = $state.raw<number | null>(null);
  pulse = $state.raw<Pulse | null>(null);
  /** Who of the team looks at what, as it was told last. */
  looking = $state.raw<readonly Sight[]>([]);
  /** What was said here and does not stand in the state yet, oldest first. */
  entries = $state.raw<readonly Entry[]>([]);
  /** Whether all there ever was has been loaded back. */
  complete = $state.raw(false);

  readonly you = $derived(this.snapshot?.you ?? null);
  readonly staff = $derived(this.snapshot !== null && isStaff(this.snapshot.you));
  readonly messages: AnyMessage[] = $derived(this.snapshot?.messages ?? []);
  readonly questions: AnyQuestion[] = $derived(this.snapshot?.questions.items ?? []);
  readonly #votes = $derived(new Set(this.snapshot?.you.votes));

  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #witnesses = new Set<Witness>();
  #queue: Event[] = [];
  #upto = 0;
  /** Acked, but their event is not folded in yet: shown until it is, so that nothing flickers. */
  #settling: { entry: Entry; seq: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pace_ms = FRAME_MS;

  constructor(
    readonly slug: string,
    options: SessionOptions = {},
  ) {
    const path = `${API}/sessions/${encodeURIComponent(slug)}/ws`;
    this.#connection = new Connection(path, this.#listener(), options);
    this.#outbox = new Outbox({
      send: (frame) => this.#connection.send(frame),
      changed: () => this.#show(),
      ...(options.keeper ? { keeper: options.keeper } : {}),
    });
  }

  /** The number of the last event that is folded in, or about to be. */
  get upto(): number {
    return this.#upto;
  }

  start(): void {
    this.closed = null;
    this.#connection.start();
  }

  stop(): void {
    this.#connection.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Says something to the server and gives its answer; offline, it waits and is sent later. */
  send<K extends CommandType>(type: K, data: CommandData[K]): Promise<Answer> {
    return this.#outbox.put(type, data);
  }

  retry(id: string): void {
    this.#outbox.retry(id);
  }

  /** Gives up what was not said yet; undefined if it may have been. */
  drop(id: string): Entry | undefined {
    return this.#outbox.drop(id);
  }

  /** Takes a name; what waited for one goes out with it. */
  async setName(display_name: string): Promise<Answer> {
    const answer = await this.send('profile.set', { display_name });
    if (answer.ok) this.#outbox.named();
    return answer;
  }

  /** Whether one has voted, counting the tap that is still on its way. */
  hasVoted(question_id: string): boolean {
    return this.#pendingVote(question_id) ?? this.#votes.has(question_id);
  }

  /** A question's votes, counting the tap that is still on its way. */
  votesOf(question: { id: string; votes: number }): number {
    const pending = this.#pendingVote(question.id);
    if (pending === undefined || pending === this.#votes.has(question.id)) return question.votes;
    return Math.max(0, question.votes + (pending ? 1 : -1));
  }

  /** Calls back with every batch of events; gives back how to stop that. */
  witness(witness: Witness): () => void {
    this.#witnesses.add(witness);
    return () => this.#witnesses.delete(witness);
  }

  /** Loads the messages before the oldest one known. */
  async loadEarlier(): Promise<Outcome<number>> {
    const first = this.messages.find((item) => isWhole(item) && item.seq !== undefined);
    const before = first && isWhole(first) ? `&before=${first.seq}` : '';
    const page = await call<{ items: AnyMessage[]; next_before: number | null }>(
      `/sessions/${encodeURIComponent(this.slug)}/messages?limit=${EARLIER_PAGE}${before}`,
    );
    if (!page.ok) return page;
    this.#flush();
    if (!this.snapshot) return { ok: true, value: 0 };
    const known = new Set(this.snapshot.messages.map((item) => item.id));
    const earlier = ascending(page.value.items).filter((item) => !known.has(item.id));
    this.snapshot = { ...this.snapshot, messages: [...earlier, ...this.snapshot.messages] };
    this.complete = page.value.next_before === null;
    return { ok: true, value: earlier.length };
  }

  #listener(): Listener {
    return {
      hello: (frame) => this.#hello(frame),
      snapshot: (frame) => this.#replace(frame.snapshot, frame.head),
      events: (frame) => {
        this.#queue.push(...frame.events);
        this.#upto = frame.upto;
        this.#schedule();
      },
      pulse: (frame) => {
        this.pulse = frame.data;
      },
      looking: (frame) => {
        this.looking = frame.data;
      },
      answer: (frame) => this.#answer(frame),
      link: (link, code) => {
        this.link = link;
        this.closed = code ?? null;
        if (link !== 'open') this.#outbox.pause();
      },
    };
  }

  #hello(frame: Hello): void {
    if (frame.snapshot) this.#replace(frame.snapshot, frame.head);
    this.#outbox.belongsTo(this.slug, frame.you.id);
    this.#outbox.flush();
  }

  #answer(frame: Ack | Refused): void {
    const entry = this.#outbox.entries.find((each) => each.id === frame.id);
    if (entry && frame.t === 'ack') this.#settle(entry, frame);
    this.#outbox.answer(frame);
  }

  #settle(entry: Entry, ack: Ack): void {
    const { question } = ack.data;
    if (entry.type === 'question.vote' && question && isWhole(question) && this.snapshot) {
      // The tally of everyone may lag by a tick; one's own tap must not flicker back meanwhile.
      const { id, votes } = question;
      this.#queue.push({ seq: 0, type: 'vote.tallied', at: '', data: { question_id: id, votes } });
    }
    if (ack.seq !== null) this.#settling.push({ entry, seq: ack.seq });
    this.#schedule();
  }

  #replace(snapshot: Snapshot, head: number): void {
    this.#queue = [];
    this.#upto = head;
    this.complete = snapshot.messages.length < WINDOWS.messages;
    this.snapshot = snapshot;
    this.#settled();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const pause_ms = document.visibilityState === 'visible' ? this.#pace_ms : HIDDEN_FLUSH_MS;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, pause_ms);
  }

  #flush(): void {
    const events = this.#queue;
    this.#queue = [];
    if (this.snapshot && events.length > 0) {
      const began_ms = performance.now();
      this.snapshot = fold(this.snapshot, events, MEMORY);
      for (const witness of this.#witnesses) witness(events);
      this.#measure(began_ms);
    }
    this.#settled();
  }

  /** Sets the pace by what the last batch cost up to the paint: a device sets its own. */
  #measure(began_ms: number): void {
    if (document.visibilityState !== 'visible') return;
    requestAnimationFrame(() => {
      setTimeout(() => {
        const cost_ms = performance.now() - began_ms - FRAME_MS;
        const wished_ms = Math.max(Math.min(SLOW_FLUSH_MS, cost_ms * 2), cost_ms);
        this.#pace_ms = Math.min(SLOWEST_FLUSH_MS, Math.max(FRAME_MS, wished_ms));
      });
    });
  }

  #settled(): void {
    const before = this.#settling.length;
    this.#settling = this.#settling.filter((each) => each.seq > this.#upto);
    if (this.#settling.length !== before) this.#show();
  }

  #show(): void {
    const settling = this.#settling.map((each) => each.entry);
    this.entries = [...settling, ...this.#outbox.entries.filter((entry) => !settling.includes(entry))];
  }

  #pendingVote(question_id: string): boolean | undefined {
    const tap = this.entries.findLast(
      (entry): entry is Entry<'question.vote'> =>
        entry.type === 'question.vote' &&
        (entry.data as CommandData['question.vote']).question_id === question_id,
    );
    return tap?.data.up;
  }
}

/** Oldest first, whichever way round a page came; tombstones have no place of their own to sort by. */
function ascending(items: AnyMessage[]): AnyMessage[] {
  const places = items.filter(isWhole).map((item) => item.seq ?? 0);
  return (places[0] ?? 0) > (places.at(-1) ?? 0) ? items.toReversed() : items;
}
