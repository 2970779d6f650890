/** What the team has ready to say, in the language of whom it is said to. */
import { call, type Problem } from '$core/http';
import type { Session } from '$core/session.svelte';
import type { Author } from '$wire/types';
import { offerFor } from './offers';

export interface SavedReply {
  readonly id: string;
  readonly language: string;
  readonly title: string;
  readonly text: string;
}

export type WrittenReply = Omit<SavedReply, 'id'>;
export type Variables = Readonly<Record<string, string | undefined>>;

/** The first so many have a key. */
export const KEYED = 9;

/** `{name}` and its like by what they stand for here; what is not known stays to be filled in. */
export function filled(text: string, variables: Variables): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole);
}

/** Those in a language first in `language`, by the primary subtag. */
export function inLanguage(replies: readonly SavedReply[], language: string): SavedReply[] {
  const primary = (tag: string): string => tag.split('-')[0]?.toLowerCase() ?? tag;
  return replies.filter((each) => primary(each.language) === primary(language));
}

export class Replies {
  list = $state.raw<readonly SavedReply[]>([]);
  brand = $state<string | undefined>();
  readonly #session: string;

  constructor(readonly session: Session) {
    this.#session = `/sessions/${encodeURIComponent(session.slug)}`;
  }

  async load(): Promise<void> {
    const [replies, about] = await Promise.all([
      call<{ replies: SavedReply[] }>(`${this.#session}/replies`),
      call<{ brand: { name: string } }>(this.#session),
    ]);
    if (replies.ok) this.list = replies.value.replies;
    if (about.ok) this.brand = about.value.brand.name;
  }

  /** Adds it, or changes the one of this id. */
  async save(reply: WrittenReply, id?: string): Promise<Problem | null> {
    const path = `${this.#session}/replies${id ? `/${id}` : ''}`;
    const done = await call<SavedReply>(path, { method: id ? 'PUT' : 'POST', body: reply });
    if (!done.ok) return done.problem;
    await this.load();
    return null;
  }

  async remove(id: string): Promise<Problem | null> {
    const done = await call<undefined>(`${this.#session}/replies/${id}`, { method: 'DELETE' });
    if (!done.ok) return done.problem;
    await this.load();
    return null;
  }

  /** What the variables stand for when this person is answered, whose line is in `language`. */
  variables({ display_name, segment }: Author, language: string): Variables {
    const snapshot = this.session.snapshot;
    return {
      name: display_name ?? undefined,
      session: snapshot?.session.title,
      brand: this.brand,
      offer: snapshot ? offerFor(snapshot, segment ?? '', language) : undefined,
    };
  }
}
