/** What the others did, and what came, while nobody sat here or the connection was lost. */
import { untrack } from 'svelte';
import { m } from '$messages';
import { call, type Outcome } from '$core/http';
import type { Session } from '$core/session.svelte';
import { toasts } from '$ui/toasts.svelte';
import type { Claims } from './claims.svelte';
import type { Row } from './history.svelte';

/** What was missed is being folded in meanwhile, and a connection that comes may go again. */
const SETTLE_MS = 1_000;
const PAGE = 200;
/** A thousand decisions are told one by one; who was away for longer reads the history. */
const PAGES_MOST = 5;

/** Where this desk stood when its person left. */
interface Mark {
  readonly at_ms: number;
  readonly upto: number;
  readonly waiting: ReadonlySet<string>;
}

interface Page {
  readonly items: readonly Row[];
  readonly next_before: number | null;
}

export interface Meanwhile {
  readonly from_ms: number;
  readonly to_ms: number;
  /** Decisions of the others, alone or in groups, the newest first. */
  readonly rows: readonly Row[];
  /** Whether there were more than are told. */
  readonly more: boolean;
  /** How much waits that did not wait before. */
  readonly arrived: number;
}

export class Absence {
  /** The last absence in which something happened; stays until there is another. */
  last: Meanwhile | null = $state.raw(null);
  /** Whether it was not looked at or put away yet. */
  fresh = $state(false);
  #mark: Mark | null = null;
  #chosen = false;

  /** `waiting` gives the keys of what waits to be handled. */
  constructor(
    readonly session: Session,
    readonly claims: Claims,
    private readonly waiting: () => readonly string[],
  ) {
    $effect(() => {
      const away = this.claims.awaySince !== null;
      if (away || session.link !== 'open') {
        untrack(() => this.#leave(away));
        return undefined;
      }
      const mark = this.#mark;
      if (!mark) return undefined;
      const timer = setTimeout(() => void this.#look(mark), SETTLE_MS);
      return () => clearTimeout(timer);
    });
  }

  /** How many decisions were made, those that were made at once each for itself. */
  get decided(): number {
    return (this.last?.rows ?? []).reduce((sum, row) => sum + row.decisions.length, 0);
  }

  /** Who decided, and how much, the busiest first. */
  get people(): readonly (readonly [name: string, count: number])[] {
    const counts: Record<string, number> = {};
    for (const { by, decisions } of this.last?.rows ?? []) {
      const name = by ? (by.display_name ?? m.ui_unnamed()) : m.history_server();
      counts[name] = (counts[name] ?? 0) + decisions.length;
    }
    return Object.entries(counts).sort(([, one], [, other]) => other - one);
  }

  dismiss(): void {
    this.fresh = false;
  }

  #leave(away: boolean): void {
    if (!this.session.snapshot) return;
    this.#chosen ||= away;
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- as it was at that moment
    this.#mark ??= { at_ms: Date.now(), upto: this.session.upto, waiting: new Set(this.waiting()) };
  }

  async #look(mark: Mark): Promise<void> {
    const found = await this.#decisionsAfter(mark.upto);
    if (found === null || this.#mark !== mark) return;
    const left = this.#chosen;
    this.#mark = null;
    this.#chosen = false;
    const arrived = this.waiting().filter((key) => !mark.waiting.has(key)).length;
    if (found.rows.length === 0 && arrived === 0) {
      if (left) toasts.show(m.mod_back_nothing());
      return;
    }
    this.last = { from_ms: mark.at_ms, to_ms: Date.now(), ...found, arrived };
    this.fresh = true;
  }

  /** Null where they could not be had: asked again after the next loss, or by leaving once more. */
  async #decisionsAfter(upto: number): Promise<Pick<Meanwhile, 'rows' | 'more'> | null> {
    const path = `/sessions/${encodeURIComponent(this.session.slug)}/decisions?limit=${String(PAGE)}`;
    const rows: Row[] = [];
    let query = '';
    for (let page = 0; page < PAGES_MOST; page += 1) {
      const told: Outcome<Page> = await call<Page>(path + query);
      if (!told.ok) return null;
      const { items, next_before } = told.value;
      const later = items.filter((row) => row.seq > upto);
      rows.push(...later.filter((row) => row.by?.id !== this.session.you?.id));
      if (next_before === null || later.length < items.length) return { rows, more: false };
      query = `&before=${String(next_before)}`;
    }
    return { rows, more: true };
  }
}
