/** What the socket's snapshot leaves out and the desk wants all the same, page by page over HTTP. */
import { call, type Outcome } from '$core/http';
import { isWhole } from '$core/reducer';
import type { Session } from '$core/session.svelte';
import type { Author, Message, Question, Snapshot, SubjectKind } from '$wire/types';
import { type Filter, NOBODY } from './filters';

const PAGE = 100;
const LARGE_PAGE = 200;
/** A session has 20,000 questions at most. */
const PAGES_MOST = 100;
const PAUSE_MS = 250;
const SHORTEST = 2;
/** The server takes thirty searches in ten seconds of a person: this leaves room for typing. */
const FOUND_PAGES_MOST = 20;

type Told = Message | Question;
interface Page {
  items: Told[];
  next_before: number | null;
}
interface Found {
  items: { kind: SubjectKind; item: Told }[];
  next_before: string | null;
}
/** What of a filter the server can look for. */
type Facets = Pick<Filter, 'label' | 'assignee' | 'language'>;

export class Backlog {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(
    private readonly session: Session,
    private readonly keep: (kind: SubjectKind, items: readonly Told[]) => void,
  ) {}

  get #base(): string {
    return `/sessions/${encodeURIComponent(this.session.slug)}`;
  }

  /** All questions of the session that the snapshot has not told: they are counted and sorted here. */
  async questions(snapshot: Snapshot): Promise<void> {
    const { items, total } = snapshot.questions;
    if (total <= items.length) return;
    const oldest = items.find(isWhole)?.seq;
    let before = oldest;
    for (let page = 0; page < PAGES_MOST && before !== undefined; page += 1) {
      const told = await call<Page>(`${this.#base}/questions?limit=${LARGE_PAGE}&before=${before}`);
      if (!told.ok) return;
      this.keep('question', told.value.items.filter(isWhole));
      before = told.value.next_before ?? undefined;
    }
  }

  /** What was refused, removed or dismissed last; whether it could be had. */
  async aside(): Promise<boolean> {
    const wanted: [SubjectKind, string][] = [
      ['message', 'refused'],
      ['message', 'removed'],
      ['question', 'dismissed'],
    ];
    const pages = await Promise.all(
      wanted.map(async ([kind, status]) => {
        const page = await call<Page>(`${this.#base}/${kind}s?status=${status}&limit=${PAGE}`);
        if (page.ok) this.keep(kind, page.value.items.filter(isWhole));
        return page.ok;
      }),
    );
    return pages.every(Boolean);
  }

  /** Everyone on the team, or null where that could not be had. */
  async team(): Promise<Author[] | null> {
    const told = await call<{ team: Author[] }>(`${this.#base}/team`);
    return told.ok ? told.value.team : null;
  }

  /** Asks the server for what says these words, or bears these marks, once typing pauses; the last
   *  question counts. Of words the latest are enough, of marks all are wanted. */
  find(words: string, facets: Facets): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    const said = words.trim().length < SHORTEST ? '' : words.trim();
    const { label, language } = facets;
    const assignee = facets.assignee === NOBODY ? '' : facets.assignee;
    const marked = label !== '' || assignee !== '';
    if (said === '' && !marked) return;
    const wanted = Object.entries({ q: said, label, assignee, language }).filter(([, value]) => value !== '');
    const query = new URLSearchParams([...wanted, ['limit', String(PAGE)]]).toString();
    this.#timer = setTimeout(() => void this.#search(query, asked, marked ? FOUND_PAGES_MOST : 1), PAUSE_MS);
  }

  async #search(query: string, asked: number, pages: number): Promise<void> {
    let before = '';
    for (let page = 0; page < pages; page += 1) {
      const found: Outcome<Found> = await call<Found>(`${this.#base}/search?${query}${before}`);
      if (!found.ok || asked !== this.#asked) return;
      for (const { kind, item } of found.value.items) if (isWhole(item)) this.keep(kind, [item]);
      if (found.value.next_before === null) return;
      before = `&before=${encodeURIComponent(found.value.next_before)}`;
    }
  }
}
