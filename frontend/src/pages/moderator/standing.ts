/**
 * What a lane shows: its queue as it is, or, while somebody reads or aims in it, as it stood. Pure.
 *
 * Held still, nothing moves: what arrives waits and is counted, what a colleague handled stays in
 * its place, marked. What this person decides or asks for (`isOwn`) moves at once all the same.
 */
import type { Item } from './items';

const NOTHING: ReadonlySet<string> = new Set();

export class Standing {
  /** The keys in sight order while it is held, or null. */
  #rows: string[] | null = null;
  #still = new Set<string>();
  #arrived = new Set<string>();
  #gone = new Set<string>();

  constructor(
    private readonly queue: () => readonly Item[],
    private readonly isOwn: (key: string) => boolean,
  ) {}

  get isHeld(): boolean {
    return this.#rows !== null;
  }

  /** Arrived since the lane was held. */
  get waiting(): number {
    return this.#arrived.size;
  }

  /** Keys of what somebody else has handled meanwhile. */
  get gone(): ReadonlySet<string> {
    return this.#rows === null ? NOTHING : this.#gone;
  }

  get length(): number {
    return this.#rows?.length ?? this.queue().length;
  }

  /** Keeps it as it is now; called again, shows what waits and keeps that. */
  hold(): void {
    this.#rows = this.queue().map((item) => item.key);
    this.#still = new Set(this.#rows);
    this.#arrived = new Set();
    this.#gone = new Set();
  }

  release(): void {
    this.#rows = null;
  }

  keyAt(index: number): string | undefined {
    return this.#rows ? this.#rows[index] : this.queue()[index]?.key;
  }

  indexOf(key: string): number {
    return this.#rows ? this.#rows.indexOf(key) : this.queue().findIndex((item) => item.key === key);
  }

  came(key: string): void {
    if (!this.#rows || this.#gone.delete(key) || this.#still.has(key)) return;
    if (this.isOwn(key)) {
      this.#rows.unshift(key);
      this.#still.add(key);
    } else {
      this.#arrived.add(key);
    }
  }

  /** `erased`: there is nothing left to show in its place. */
  went(key: string, erased = false): void {
    if (!this.#rows || this.#arrived.delete(key) || !this.#still.has(key)) return;
    if (!erased && !this.isOwn(key)) {
      this.#gone.add(key);
      return;
    }
    this.#gone.delete(key);
    this.#still.delete(key);
    this.#rows.splice(this.#rows.indexOf(key), 1);
  }
}
