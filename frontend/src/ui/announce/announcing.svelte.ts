/** An announcement while it is being written: its variants by cohort, who would read which, and the acts. */
import { call } from '$core/http';
import type { Answer } from '$core/outbox';
import type { Session } from '$core/session.svelte';
import { segmentLabel } from '../words';
import type { Announcement, DraftVariant, SavedAnnouncement, Variant } from '$wire/types';

/** For whom a variant is; segment null: everyone. */
export interface Cohort {
  readonly segment: string | null;
  readonly language: string;
}

/** What a cell of the grid holds; empty fields are not sent. */
export interface Words {
  readonly text: string;
  readonly url: string;
  readonly label: string;
  readonly name: string;
  readonly price: string;
  readonly image: string;
  /** By a machine, and not gone over since. */
  readonly translated: boolean;
}

export interface CellOutlook {
  readonly segment: string;
  readonly language: string;
  readonly people: number;
  readonly variant: number | null;
}

export interface Outlook {
  readonly cells: readonly CellOutlook[];
  readonly alike: readonly { readonly one: number; readonly other: number; readonly same: boolean }[];
  readonly left_out: readonly { readonly segment: string; readonly people: number }[];
  /** The written cohorts that it was made of; indexes are into them. */
  readonly of: readonly Cohort[];
}

/** What is being changed: something that waits, or something that people have before them. */
export type Origin =
  | { readonly kind: 'saved'; readonly id: string; readonly revision: number }
  | { readonly kind: 'sent'; readonly id: string; readonly revision: number };

export const NO_WORDS: Words = { text: '', url: '', label: '', name: '', price: '', image: '', translated: false };

const PAUSE_MS = 300;
const REFRESH_MS = 5_000;

export const keyOf = ({ segment, language }: Cohort): string => `${segment ?? ''} ${language}`;

export class Announcing {
  words = $state.raw<Readonly<Record<string, Words>>>({});
  at = $state.raw<Cohort>({ segment: null, language: '' });
  outlook = $state.raw<Outlook | null>(null);
  origin = $state.raw<Origin | null>(null);
  lasts_s = $state(0);
  pinned = $state(false);
  countdown = $state(false);
  /** The service that translates, if the operator named one. */
  translator = $state.raw<{ name: string; host: string } | null>(null);

  readonly path: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** The cohorts that have words, in the order in which they are sent. */
  readonly written = $derived(
    this.cohorts.filter((cohort) => !isEmpty(this.words[keyOf(cohort)] ?? NO_WORDS)),
  );

  constructor(readonly session: Session) {
    this.path = `/sessions/${encodeURIComponent(session.slug)}`;
    this.at = { segment: null, language: this.languages[0] ?? 'en' };
  }

  get languages(): readonly string[] {
    return this.session.snapshot?.session.languages ?? [];
  }

  get segments(): readonly string[] {
    return (this.session.snapshot?.session.segments ?? []).map((each) => each.id);
  }

  /** What a segment is called; null is everyone, by the word that is given. */
  named(segment: string | null, everyone = ''): string {
    if (segment === null) return everyone;
    return segmentLabel(this.session.snapshot?.session.segments.find((each) => each.id === segment) ?? { id: segment });
  }

  get cohorts(): Cohort[] {
    return [null, ...this.segments].flatMap((segment) => this.languages.map((language) => ({ segment, language })));
  }

  get current(): Words {
    return this.words[keyOf(this.at)] ?? NO_WORDS;
  }

  /** Keeps what is being written; whoever touches a machine's words has gone over them. */
  write(change: Partial<Words>, translated = false): void {
    const words = { ...this.current, translated, ...change };
    this.words = { ...this.words, [keyOf(this.at)]: words };
    this.#ask(PAUSE_MS);
  }

  /** Which of the written variants a cohort would read, by the server's word. */
  readBy({ segment, language }: Cohort): Cohort | null {
    const cell = this.outlook?.cells.find((each) => each.segment === segment && each.language === language);
    return cell?.variant == null ? null : (this.outlook?.of[cell.variant] ?? null);
  }

  /** How many people of these cohorts are there now. */
  people(segment: string, language?: string): number {
    const cells = this.outlook?.cells.filter((each) => each.segment === segment) ?? [];
    return cells.reduce((sum, each) => sum + (language === undefined || each.language === language ? each.people : 0), 0);
  }

  /** Who would read this very variant, all together. */
  readers(cohort: Cohort): readonly CellOutlook[] {
    const index = (this.outlook?.of ?? []).findIndex((each) => keyOf(each) === keyOf(cohort));
    return (this.outlook?.cells ?? []).filter((each) => index >= 0 && each.variant === index && each.people > 0);
  }

  /** Begins to ask who is there; gives back how to stop. */
  follow(): () => void {
    this.#ask(0);
    void call<{ translation?: { name: string; host: string } | null }>(this.path).then((told) => {
      if (told.ok) this.translator = told.value.translation ?? null;
    });
    return () => clearTimeout(this.#timer);
  }

  begin(): void {
    this.words = {};
    this.origin = null;
    this.lasts_s = 0;
    this.pinned = false;
    this.countdown = false;
    this.#ask(0);
  }

  /** Takes up what is saved or sent, to be changed; or, without `origin`, as the beginning of another. */
  takeUp(from: SavedAnnouncement | Announcement, origin: Origin | null): void {
    this.words = Object.fromEntries((from.variants ?? []).map((each) => [keyOf(each), wordsOf(each)]));
    this.origin = origin;
    this.pinned = from.pinned ?? false;
    this.countdown = from.countdown ?? false;
    this.lasts_s = 'lasts_s' in from ? (from.lasts_s ?? 0) : 0;
    this.#ask(0);
  }

  /** To those it is for, now; what is already before them changes. */
  async send(): Promise<Answer> {
    const { origin, session, pinned, countdown } = this;
    const variants = this.#variants();
    if (origin?.kind === 'sent') {
      return session.send('announce.correct', { announcement_id: origin.id, revision: origin.revision, variants, pinned });
    }
    if (origin) {
      const saved = await this.save();
      if (!saved.ok) return saved;
      const revision = saved.ack.data.saved_announcement?.revision ?? origin.revision;
      return session.send('announce.release', { announcement_id: origin.id, revision });
    }
    return session.send('announce.send', { variants, pinned, ...this.#end(countdown) });
  }

  /** Kept for later; given `when`, it is sent by itself then. */
  save(when: { due?: string; after_s?: number } = {}): Promise<Answer> {
    const { origin } = this;
    return this.session.send('announce.save', {
      variants: this.#variants(),
      pinned: this.pinned,
      ...this.#end(this.countdown),
      ...(origin?.kind === 'saved' && { announcement_id: origin.id, revision: origin.revision }),
      ...when,
    });
  }

  /** A machine's proposal for the cell at hand, from the best words there are; an error's code, or null. */
  async translate(): Promise<string | null> {
    const source = this.translatable;
    if (!source) return null;
    const from = this.words[keyOf(source)] ?? NO_WORDS;
    const body = { text: from.text, source: source.language, target: this.at.language };
    const told = await call<{ text: string }>(`${this.path}/announcements/translation`, { method: 'POST', body });
    if (!told.ok) return told.problem.code;
    this.write({ ...from, text: told.value.text }, true);
    this.words = { ...this.words, [keyOf(this.at)]: { ...this.current, translated: true } };
    return null;
  }

  /** Words of the same segment in another language, else everyone's: what a machine would begin from. */
  get translatable(): Cohort | null {
    const { segment, language } = this.at;
    const others = this.written.filter((each) => each.language !== language && this.words[keyOf(each)]?.text);
    return others.find((each) => each.segment === segment) ?? others.find((each) => each.segment === null) ?? null;
  }

  #end(countdown: boolean): { lasts_s?: number; countdown?: boolean } {
    return this.lasts_s > 0 ? { lasts_s: this.lasts_s, countdown } : {};
  }

  #variants(): DraftVariant[] {
    return this.written.map((cohort) => draftOf(cohort, this.words[keyOf(cohort)] ?? NO_WORDS));
  }

  #ask(pause_ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.foresee(), pause_ms);
  }

  /** Asks who would read what of the words as they stand, and goes on asking. */
  async foresee(): Promise<void> {
    const asked = ++this.#asked;
    const of = this.written;
    const told = await call<Omit<Outlook, 'of'>>(`${this.path}/announcements/outlook`, {
      method: 'POST',
      body: { variants: this.#variants() },
    });
    if (asked !== this.#asked) return;
    if (told.ok) this.outlook = { ...told.value, of };
    this.#ask(REFRESH_MS);
  }
}

export function isEmpty({ text, name }: Words): boolean {
  return text.trim() === '' && name.trim() === '';
}

export function wordsOf(variant: Variant): Words {
  const { text, link, product, translated = false } = variant;
  return {
    text,
    url: link?.url ?? '',
    label: link?.label ?? '',
    name: product?.name ?? '',
    price: product?.price ?? '',
    image: product?.image ?? '',
    translated,
  };
}

export function draftOf({ segment, language }: Cohort, words: Words): DraftVariant {
  const product = words.name.trim() && {
    name: words.name.trim(),
    ...(words.price.trim() && { price: words.price.trim() }),
    ...(words.image && { image: words.image }),
  };
  return {
    text: words.text.trim(),
    language,
    ...(segment !== null && { segment }),
    ...(words.url.trim() && { link: { url: words.url.trim(), label: words.label.trim() } }),
    ...(product && { product }),
    ...(words.translated && { translated: true }),
  };
}
