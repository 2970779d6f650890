/** What the viewer's page knows and does; it outlives a change of language, the markup does not. */
import { getLocale, type Locale, setLocale } from '$runtime';
import { call, type Problem } from '$core/http';
import { join } from '$core/join';
import type { Answer, Entry } from '$core/outbox';
import { isWhole } from '$core/reducer';
import { Session } from '$core/session.svelte';
import { CloseCode, type CommandData, type CommandType, type Event, type Message } from '$wire/types';
import { fetchLater } from './later';
import { speaksTo } from './mentions';
import { Picture } from './picture.svelte';
import type { Reading } from './reading.svelte';
import { Taps } from './taps.svelte';

export type TabId = 'questions' | 'chat';
export type Basis = 'consent' | 'legitimate-interest';

/** What the page shows beside the session itself; it is fetched once and may stay unknown. */
interface About {
  description?: string | null;
  brand?: { name: string; logo_url: string | null };
  /** Who translates, if the operator named a service. */
  translation?: { name: string; host: string } | null;
  /** Whether hints of address and device are kept for a day or two. */
  evasion_hints?: boolean;
  /** On what it is counted how many have the show before their eyes; null: it is not. */
  attention?: Basis | null;
}

const ENTER_AGAIN_MS = 4_000;

export class Viewer {
  readonly session: Session;
  readonly picture: Picture;
  readonly taps: Taps;

  locale = $state(getLocale());
  about = $state.raw<About>({});
  /** Reading in one's own language; there once it is known that a service is. */
  reading = $state.raw<Reading | null>(null);
  /** Why the door is closed; the page keeps trying where that can help. */
  problem = $state.raw<Problem | null>(null);
  tab = $state<TabId>('questions');
  drafts = $state<Record<TabId, string>>({ questions: '', chat: '' });
  replyTo = $state.raw<Message | null>(null);
  /** The latest message that speaks to this person and was not looked at; for the tab's badge. */
  mention = $state.raw<Message | null>(null);
  /** The message that is being reported. */
  reporting = $state.raw<Message | null>(null);
  segmentAsked = $state(false);
  /** Whether the way on stage is asked for. */
  calling = $state(false);

  #entering: ReturnType<typeof setTimeout> | undefined;
  #cameBack = false;
  #unnamed = $state.raw<{ retry: () => void; drop: () => void } | null>(null);

  readonly #waitsForName = $derived.by(() => this.session.entries.some((e) => e.state === 'needs_name'));

  constructor(readonly slug: string) {
    this.session = new Session(slug);
    this.picture = new Picture(slug);
    this.taps = new Taps((kind, count) => void this.session.send('reaction.add', { kind, count }));
    this.segmentAsked = localStorage.getItem(this.#segmentKey) !== null;
    this.session.witness((events) => this.#witness(events));
    $effect.root(() => {
      $effect(() => this.#onClosed(this.session.closed));
      $effect(() => this.picture.follow(this.session.snapshot));
      $effect(() => this.taps.hear(this.session.pulse));
    });
  }

  get #segmentKey(): string {
    return `causerie.segment_asked.${this.slug}`;
  }

  /** Goes in, as oneself if this device has been here, and keeps trying while the server is away. */
  async enter(): Promise<void> {
    clearTimeout(this.#entering);
    const joined = await join(this.slug, { language: getLocale(), language_guessed: true });
    if (joined.ok) {
      this.problem = null;
      this.session.start();
      void this.#learnAbout();
      fetchLater();
      return;
    }
    this.problem = joined.problem;
    const { status, retry_after_s = 0 } = joined.problem;
    if (status === 0 || status === 429 || status >= 500) {
      const pause_ms = Math.max(ENTER_AGAIN_MS, retry_after_s * 1000) * (1 + Math.random() / 2);
      this.#entering = setTimeout(() => void this.enter(), pause_ms);
    }
  }

  /** The page's language as this person's country writes times and numbers in it. */
  get habits(): string {
    return navigator.languages.find((tag) => tag.split('-')[0] === this.locale) ?? this.locale;
  }

  /** Whether a name is to be asked for now; what needs it is kept meanwhile. */
  get asksName(): boolean {
    return this.#waitsForName || this.#unnamed !== null;
  }

  /** Takes the name and lets go what waited for it. */
  async giveName(name: string): Promise<Answer> {
    const answer = await this.session.setName(name);
    if (answer.ok) {
      this.#unnamed?.retry();
      this.#unnamed = null;
    }
    return answer;
  }

  /** No name: what was typed goes back to its field. */
  keepUnnamed(): void {
    for (const entry of this.session.entries) if (entry.state === 'needs_name') this.takeBack(entry);
    this.#unnamed?.drop();
    this.#unnamed = null;
  }

  /** A command that may need a name: if so, it is asked for and the command repeated. */
  async contribute<K extends CommandType>(type: K, data: CommandData[K]): Promise<Answer> {
    const answer = await this.session.send(type, data);
    if (answer.ok || answer.refused.code !== 'name_required') return answer;
    return new Promise((resolve) => {
      this.#unnamed = {
        retry: () => void this.session.send(type, data).then(resolve),
        drop: () => resolve(answer),
      };
    });
  }

  /** Gives up an entry that was not said; its words come back to an empty field. */
  takeBack(entry: Entry): void {
    const dropped = this.session.drop(entry.id);
    if (!dropped) return;
    const { text } = dropped.data as CommandData['question.ask'];
    const tab: TabId = dropped.type === 'question.ask' ? 'questions' : 'chat';
    if (!this.drafts[tab].trim()) this.drafts[tab] = text;
  }

  answerSegment(segment: string | null): void {
    this.segmentAsked = true;
    localStorage.setItem(this.#segmentKey, '1');
    if (segment !== null && segment !== this.session.you?.segment) {
      void this.session.send('profile.set', { segment });
    }
  }

  /** The page's language, and what the server sends from now on. */
  speak(locale: Locale): void {
    void setLocale(locale, { reload: false });
    this.locale = locale;
    document.documentElement.lang = locale;
    if (locale !== this.session.you?.language) void this.session.send('profile.set', { language: locale });
  }

  /** The message of this id, if its words are known here. */
  messageOf(id: string | undefined): Message | undefined {
    if (id === undefined) return undefined;
    const item = this.session.messages.findLast((each) => each.id === id);
    return item && isWhole(item) ? item : undefined;
  }

  #onClosed(code: number | null): void {
    // A cookie that the server no longer knows: once, enter anew; the device may still be known.
    if (code !== CloseCode.NOT_AUTHENTICATED || this.#cameBack) return;
    this.#cameBack = true;
    void this.enter();
  }

  #witness(events: readonly Event[]): void {
    const { you } = this.session;
    if (!you) return;
    for (const event of events) {
      if (event.type !== 'message.published' || event.data.place !== undefined) continue;
      const { message } = event.data;
      if (!isWhole(message) || message.author.id === you.id) continue;
      if (you.muted.includes(message.author.id)) continue;
      const answersMe = this.messageOf(message.reply_to)?.author.id === you.id;
      if (answersMe || speaksTo(message.text, you.display_name)) this.mention = message;
    }
  }

  async #learnAbout(): Promise<void> {
    const told = await call<About>(`/sessions/${encodeURIComponent(this.slug)}`);
    if (told.ok) this.about = told.value;
    const by = this.about.translation;
    if (by && !this.reading) {
      const { Reading } = await import('./reading.svelte');
      this.reading = new Reading(this.slug, by, () => this.locale);
    }
  }
}
