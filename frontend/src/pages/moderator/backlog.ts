/** What the socket's snapshot leaves out and the desk wants all the same, page by page over HTTP. */
import { call } from '$core/http';
import { isWhole } from '$core/reducer';
import type { Session } from '$core/session.svelte';
import type { Author, Message, Question, Snapshot, SubjectKind } from '$wire/types';

const PAGE = 100;
const LARGE_PAGE = 200;
/** A session has 20,000 questions at most. */
const PAGES_MOST = 100;
const PAUSE_MS = 250;
const SHORTEST = 2;

type Told = Message | Question;
interface Page {
  items: Told[];
  next_before: number | null;
}
interface Found {
  items: { kind: SubjectKind; item: Told }[];
}

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

  /** Asks the server for what says these words, once typing pauses; the last question counts. */
  find(words: string): void {
    clearTimeout(this.#timer);
    const said = words.trim();
    this.#asked += 1;
    if (said.length < SHORTEST) return;
    const asked = this.#asked;
    this.#timer = setTimeout(() => {
      void call<Found>(`${this.#base}/search?q=${encodeURIComponent(said)}&limit=${PAGE}`).then((found) => {
        if (!found.ok || asked !== this.#asked) return;
        for (const { kind, item } of found.value.items) if (isWhole(item)) this.keep(kind, [item]);
      });
    }, PAUSE_MS);
  }
}
