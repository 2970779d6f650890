/** The history of decisions, page by page, as the panel shows it. */
import { m } from '$messages';
import { call } from '$core/http';
import type { Session } from '$core/session.svelte';
import type { Author, Subject } from '$wire/types';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';

export interface Line {
  readonly id: string;
  readonly subject: Subject;
  readonly text: string | null;
  readonly before: string;
  readonly after: string;
  readonly undone: boolean;
  /** Decisions that stand on top of it. */
  readonly later: number;
}

/** One decision, or a group that was made at once. */
export interface Row {
  readonly seq: number;
  readonly at: string;
  readonly by: Author | null;
  readonly verdict: string;
  readonly reason: string | null;
  readonly group: string | null;
  readonly decisions: readonly Line[];
}

interface Page {
  readonly items: readonly Row[];
  readonly next_before: number | null;
}

const NAMES: Readonly<Record<string, () => string>> = {
  publish: m.history_v_publish,
  refuse: m.history_v_refuse,
  remove: m.history_v_remove,
  restore: m.history_v_restore,
  pick: m.history_v_pick,
  answering: m.history_v_answering,
  answered: m.history_v_answered,
  dismiss: m.history_v_dismiss,
  undo: m.history_v_undo,
  ask: m.history_v_ask,
};
export const VERDICTS: readonly string[] = Object.keys(NAMES);

export function verdictName(verdict: string): string {
  return NAMES[verdict]?.() ?? verdict;
}

export class History {
  words = $state('');
  by = $state('');
  verdict = $state('');
  /** Null until the first page is there. */
  rows = $state.raw<readonly Row[] | null>(null);
  before = $state<number | null>(null);
  failed = $state(false);
  /** The row, by its place, whose undo has to go over later decisions. */
  asks = $state<number | null>(null);
  /** Who has decided so far, by id, as far as the rows have told. */
  people = $state.raw<Readonly<Record<string, string>>>({});
  #asked = 0;

  constructor(readonly session: Session) {}

  /** The newest page of what is asked for. */
  async load(): Promise<void> {
    await this.#fetch(null);
  }

  /** The page after the last. */
  async more(): Promise<void> {
    if (this.before !== null) await this.#fetch(this.before);
  }

  /** Takes back what a row decided; where something else was decided since, asks first. */
  async undo(row: Row, over = false): Promise<void> {
    const [first] = row.decisions;
    if (!first) return;
    if (row.group === null && first.later > 0 && !over) {
      this.asks = row.seq;
      return;
    }
    this.asks = null;
    const undone = row.group === null ? { decision_id: first.id, over } : { group_id: row.group };
    const answer = await this.session.send('moderation.undo', undone);
    if (answer.ok) toasts.show(m.mod_undone(), 'good');
    else toasts.show(sentence(answer.refused), 'bad');
    await this.load();
  }

  async #fetch(before: number | null): Promise<void> {
    const asked = ++this.#asked;
    const wanted = [
      ['q', this.words.trim()],
      ['by', this.by],
      ['verdict', this.verdict],
      ['before', before === null ? '' : String(before)],
    ] as const;
    const query = wanted.filter(([, value]) => value !== '').map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const slug = encodeURIComponent(this.session.slug);
    const page = await call<Page>(`/sessions/${slug}/decisions?${query.join('&')}`);
    if (asked !== this.#asked) return; // something else was asked for meanwhile
    this.failed = !page.ok;
    if (!page.ok) return;
    this.rows = before === null ? page.value.items : [...(this.rows ?? []), ...page.value.items];
    this.before = page.value.next_before;
    const named = page.value.items.flatMap(({ by }) => (by ? [[by.id, by.display_name ?? m.ui_unnamed()] as const] : []));
    this.people = { ...this.people, ...Object.fromEntries(named) };
  }
}
