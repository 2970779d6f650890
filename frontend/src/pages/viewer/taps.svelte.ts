/* eslint-disable svelte/prefer-svelte-reactivity -- these maps are counters that nothing renders */
/** Reactions: one's own taps, gathered and sent; everyone's, as they show in the pulse. */
import type { Pulse, ReactionKind } from '$wire/types';

/** Told how many of a kind are to be seen rising now. */
export type Shower = (kind: ReactionKind, count: number) => void;

const SEND_EVERY_MS = 400;
/** The server takes at most so many in one command. */
const AT_MOST = 20;
/** More than so many at once are a cloud in which none is seen. */
const SHOWN_AT_ONCE = 12;

export class Taps {
  /** One's own taps of the last moment, for those who see no hearts rise. */
  recent = $state(0);
  shower: Shower = () => undefined;

  readonly #gathered = new Map<ReactionKind, number>();
  /** Sent and not yet seen in the pulse: these rose already. */
  readonly #ahead = new Map<ReactionKind, number>();
  #before: Pulse['reactions'] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #calm: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: (kind: ReactionKind, count: number) => void) {}

  /** A tap rises at once and goes out with those that follow it. */
  tap(kind: ReactionKind): void {
    this.#gathered.set(kind, (this.#gathered.get(kind) ?? 0) + 1);
    this.shower(kind, 1);
    this.recent += 1;
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => (this.recent = 0), 2_000);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#flush(), SEND_EVERY_MS);
  }

  /** Everyone's totals: what is new in them rises, except one's own. */
  hear(pulse: Pulse | null): void {
    if (!pulse) return;
    const before = this.#before;
    this.#before = pulse.reactions;
    // The first pulse, and one after a pause, tells totals: those taps are long over.
    if (!before) return;
    for (const [kind, total] of Object.entries(pulse.reactions) as [ReactionKind, number][]) {
      const news = Math.max(0, total - (before[kind] ?? 0));
      const ahead = Math.min(news, this.#ahead.get(kind) ?? 0);
      this.#ahead.set(kind, (this.#ahead.get(kind) ?? 0) - ahead);
      if (news > ahead) this.shower(kind, Math.min(SHOWN_AT_ONCE, news - ahead));
    }
  }

  #flush(): void {
    this.#timer = undefined;
    let left = false;
    for (const [kind, count] of this.#gathered) {
      if (count === 0) continue;
      const now = Math.min(AT_MOST, count);
      this.#gathered.set(kind, count - now);
      this.#ahead.set(kind, (this.#ahead.get(kind) ?? 0) + now);
      left ||= count > now;
      this.send(kind, now);
    }
    if (left) this.#timer = setTimeout(() => this.#flush(), SEND_EVERY_MS);
  }
}
