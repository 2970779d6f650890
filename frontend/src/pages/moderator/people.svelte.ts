/** What the team knows of one person, and what it may do: the author card, behind the panel. */
import type { CommandData, CommandType, Paper, Participant, Sanction, SanctionKind } from '$wire/types';
import { call, type Problem } from '$core/http';
import type { Session } from '$core/session.svelte';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';
import { keyOf } from './items';

export interface Seen {
  slug: string;
  title: string;
  at: string;
  display_name: string | null;
  segment: string;
  messages: Record<string, number>;
  questions: Record<string, number>;
}

export interface Card {
  person: Participant;
  joined_at: string;
  sanctions: Sanction[];
  papers: Paper[];
  sessions: Seen[];
}

export interface Moment {
  what: 'wrote' | 'decided' | 'reported' | 'filed' | 'set' | 'lifted';
  at: string;
  line: { kind: string; id: string; status: string; text: string | null } | null;
  word: string | null;
  by: { display_name: string | null } | null;
  reason: string | null;
  until: string | null;
}

interface Page {
  items: Moment[];
  next_before: number | null;
}

/** A session's part of the history, as far as it was asked for. */
interface Part {
  moments: readonly Moment[];
  next: number | null;
}

/** A sanction that ends here is lifted. */
const PAST = '1970-01-01T00:00:00Z';

export class People {
  /** Whose card it is. */
  shown = $state<string | null>(null);
  card = $state.raw<Card | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** By the slug of the session. */
  parts = $state.raw<Readonly<Record<string, Part>>>({});

  constructor(readonly session: Session) {
    // What happens to the person while their card is open shows on it.
    session.witness((events) => {
      const touched = ['paper.changed', 'sanction.set', 'decision.made', 'report.filed', 'participant.changed'];
      if (this.shown && events.some((event) => touched.includes(event.type))) void this.#load(this.shown);
    });
  }

  show(id: string): void {
    if (this.shown === id) return;
    this.shown = id;
    this.card = null;
    this.parts = {};
    void this.#load(id);
  }

  hide(): void {
    this.shown = null;
    this.card = null;
  }

  readonly #reported = $derived.by(() => {
    const counts: Record<string, number> = {};
    for (const { subject, outcome } of this.session.snapshot?.reports ?? []) {
      if (outcome === null) counts[keyOf(subject)] = (counts[keyOf(subject)] ?? 0) + 1;
    }
    return counts;
  });

  /** How often an item was reported and nobody has settled it yet. */
  reportsOn(key: string): number {
    return this.#reported[key] ?? 0;
  }

  readonly #answered = $derived.by(() => {
    const answers = (this.session.snapshot?.papers ?? []).filter(({ kind, status }) => kind === 'answer' && status !== 'removed');
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew whenever it changes
    return new Set(answers.map(({ about }) => about));
  });

  /** Whether its asker was answered alone. */
  isAnsweredPrivately(question_id: string): boolean {
    return this.#answered.has(question_id);
  }

  /** How many appeals and reports wait for the team. */
  get waiting(): number {
    const { papers = [], reports = [] } = this.session.snapshot ?? {};
    return papers.filter((each) => each.status === 'waiting').length + reports.filter((each) => each.outcome === null).length;
  }

  /** Those that hold now, as the server told last. */
  sanctions(id: string): Sanction[] {
    return (this.session.snapshot?.sanctions ?? []).filter((each) => each.participant_id === id);
  }

  /** Loads the next page of what happened in one session. */
  async more(slug: string): Promise<void> {
    const id = this.shown;
    if (id === null) return;
    const known = this.parts[slug];
    const before = known?.next ? `&before=${known.next}` : '';
    const page = await call<Page>(`${this.#path(id)}/history?session=${encodeURIComponent(slug)}${before}`);
    if (this.shown !== id) return;
    if (!page.ok) {
      toasts.show(sentence(page.problem), 'bad');
      return;
    }
    const moments = [...(known?.moments ?? []), ...page.value.items];
    this.parts = { ...this.parts, [slug]: { moments, next: page.value.next_before } };
  }

  /** Does it and says so only if it could not be done. */
  async ask<K extends CommandType>(type: K, data: CommandData[K]): Promise<boolean> {
    const answer = await this.session.send(type, data);
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    return answer.ok;
  }

  lift(participant_id: string, kind: SanctionKind): Promise<boolean> {
    return this.ask('sanction.set', { participant_id, kind, until: PAST });
  }

  async #load(id: string): Promise<void> {
    const told = await call<Card>(this.#path(id));
    if (this.shown !== id) return;
    this.problem = told.ok ? null : told.problem;
    if (!told.ok) return;
    this.card = told.value;
    const slug = told.value.sessions[0]?.slug;
    // The newest page of this session again: what is further down has not changed.
    if (slug) {
      this.parts = { ...this.parts, [slug]: { moments: [], next: null } };
      await this.more(slug);
    }
  }

  #path(id: string): string {
    return `/sessions/${encodeURIComponent(this.session.slug)}/people/${encodeURIComponent(id)}`;
  }
}
