/**
 * What this person has said and the server has not yet answered.
 *
 * A command keeps the id it was born with through every reconnect and reload, so the server does it
 * once however often it arrives. It leaves the outbox with its answer, and only with it.
 */
import type { Ack, ClientFrame, CommandData, CommandType, Refused } from '../wire/types';

/**
 * `sending`: on its way. `waiting`: no connection, or the server asked us to come again later.
 * `needs_name`: held here until the person has given a name. `refused`: the server said no.
 */
export type EntryState = 'sending' | 'waiting' | 'needs_name' | 'refused';

export interface Entry<K extends CommandType = CommandType> {
  readonly id: string;
  readonly type: K;
  readonly data: CommandData[K];
  /** When it was said, ms since 1970. */
  readonly at: number;
  readonly state: EntryState;
  readonly refusal?: Refused;
  /** It went out at least once, so the server may have done it although no answer came. */
  readonly sent?: true;
}

export type Answer = { ok: true; ack: Ack } | { ok: false; refused: Refused };

/** What of `sessionStorage` is used. */
export type Keeper = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface OutboxOptions {
  send: (frame: ClientFrame) => boolean;
  changed: (entries: readonly Entry[]) => void;
  keeper?: Keeper;
  newId?: () => string;
}

/** Words that a person typed survive a reload; taps and settings do not need to. */
const KEPT: ReadonlySet<CommandType> = new Set(['message.post', 'question.ask']);
/** Commands whose refusal a person must read and may correct. */
const SHOWN = KEPT;
/** "Come again later" is obeyed silently up to this; past it, it is told. */
const PATIENCE_S = 30;
const DEFAULT_PAUSE_S = 2;

export class Outbox {
  #entries: Entry[] = [];
  #key: string | null = null;
  readonly #settle = new Map<string, (answer: Answer) => void>();
  readonly #pauses = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #keeper: Keeper;
  readonly #newId: () => string;

  constructor(private readonly options: OutboxOptions) {
    this.#keeper = options.keeper ?? sessionStorage;
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Whose outbox this is, known with the first hello; takes up what a former page left unsaid. */
  belongsTo(session: string, participant: string): void {
    const key = `causerie.outbox.${session}.${participant}`;
    if (key === this.#key) return;
    this.#key = key;
    const known = new Set(this.#entries.map((entry) => entry.id));
    const left = parse(this.#keeper.getItem(key)).filter((entry) => !known.has(entry.id));
    this.#replace([...left, ...this.#entries]);
  }

  /** Takes a command and gives its answer, whenever that comes. */
  put<K extends CommandType>(type: K, data: CommandData[K]): Promise<Answer> {
    const entry: Entry = { id: this.#newId(), type, data, at: Date.now(), state: 'waiting' };
    const answer = new Promise<Answer>((resolve) => this.#settle.set(entry.id, resolve));
    this.#replace([...this.#entries, entry]);
    this.#try(entry);
    return answer;
  }

  /** The connection is open: everything unanswered goes out again, in the order it was said. */
  flush(): void {
    for (const entry of this.#entries) {
      if (entry.state === 'sending' || entry.state === 'waiting') this.#try(entry);
    }
  }

  /** The connection is gone: what was on its way waits. */
  pause(): void {
    this.#replace(
      this.#entries.map((entry) => (entry.state === 'sending' ? { ...entry, state: 'waiting' } : entry)),
    );
  }

  /** A name was given: what waited for one goes out. */
  named(): void {
    for (const entry of this.#entries) if (entry.state === 'needs_name') this.retry(entry.id);
  }

  /** Sends a refused entry once more, under its own id: refusals are not remembered. */
  retry(id: string): void {
    const entry = this.#entries.find((each) => each.id === id);
    if (entry) this.#try(entry);
  }

  /**
   * Gives an entry up; what was typed comes back, for the field it came from. One that may have
   * arrived is not given up: nothing must be said that the person believes unsaid.
   */
  drop(id: string): Entry | undefined {
    const entry = this.#entries.find((each) => each.id === id);
    if (!entry || !isDroppable(entry)) return undefined;
    this.#remove(id);
    this.#settle.delete(id);
    return entry;
  }

  /** An ack or a refusal arrived. Says whether it was for something of ours. */
  answer(frame: Ack | Refused): boolean {
    const entry = this.#entries.find((each) => each.id === frame.id);
    if (!entry) return false;
    if (frame.t === 'ack') {
      this.#remove(entry.id);
      this.#resolve(entry.id, { ok: true, ack: frame });
    } else {
      this.#refused(entry, frame);
    }
    return true;
  }

  #refused(entry: Entry, frame: Refused): void {
    const pause_s = frame.retry_after_s ?? DEFAULT_PAUSE_S;
    const later = frame.code === 'rate_limited' || frame.code === 'slow_mode' || frame.code === 'overloaded';
    if (later && pause_s <= PATIENCE_S) {
      this.#update(entry.id, { state: 'waiting', refusal: frame });
      this.#pauses.set(entry.id, setTimeout(() => this.retry(entry.id), pause_s * 1000));
    } else if (frame.code === 'name_required' && SHOWN.has(entry.type)) {
      this.#update(entry.id, { state: 'needs_name', refusal: frame });
    } else {
      if (SHOWN.has(entry.type)) this.#update(entry.id, { state: 'refused', refusal: frame });
      else this.#remove(entry.id);
      this.#resolve(entry.id, { ok: false, refused: frame });
    }
  }

  #try(entry: Entry): void {
    clearTimeout(this.#pauses.get(entry.id));
    this.#pauses.delete(entry.id);
    const frame = { id: entry.id, type: entry.type, data: entry.data } as ClientFrame;
    const went = this.options.send(frame);
    this.#update(entry.id, went ? { state: 'sending', sent: true } : { state: 'waiting' });
  }

  #resolve(id: string, answer: Answer): void {
    this.#settle.get(id)?.(answer);
    this.#settle.delete(id);
  }

  #update(id: string, change: Partial<Entry>): void {
    this.#replace(this.#entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  #remove(id: string): void {
    clearTimeout(this.#pauses.get(id));
    this.#pauses.delete(id);
    this.#replace(this.#entries.filter((entry) => entry.id !== id));
  }

  #replace(entries: Entry[]): void {
    this.#entries = entries;
    if (this.#key !== null) {
      const kept = entries.filter((entry) => KEPT.has(entry.type));
      if (kept.length > 0) this.#keeper.setItem(this.#key, JSON.stringify(kept));
      else this.#keeper.removeItem(this.#key);
    }
    this.options.changed(entries);
  }
}

/** Whether it is certain that the server has done nothing about this entry. */
export function isDroppable(entry: Entry): boolean {
  return entry.state === 'refused' || entry.state === 'needs_name' || !entry.sent;
}

/** Entries of a former page; whatever else stands there is dropped. */
function parse(stored: string | null): Entry[] {
  if (stored === null) return [];
  try {
    const entries: unknown = JSON.parse(stored);
    if (!Array.isArray(entries)) return [];
    return entries
      .filter((entry): entry is Entry => typeof entry?.id === 'string' && KEPT.has(entry.type))
      .map((entry) => (entry.state === 'sending' ? { ...entry, state: 'waiting' } : entry));
  } catch {
    return [];
  }
}
