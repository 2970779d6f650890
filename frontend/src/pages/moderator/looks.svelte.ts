/** What the colleagues have before their eyes, and telling them what one has oneself. */
import { untrack } from 'svelte';
import { on } from 'svelte/events';
import type { Session } from '$core/session.svelte';
import type { Author, Subject } from '$wire/types';
import { keyOf } from './items';

/** Somebody who runs through a queue looks at nothing: told is where the eyes rest. */
const REST_MS = 250;
const NOBODY: readonly Author[] = [];

export class Looks {
  #hidden = $state(document.hidden);
  /** What the server was told last on this connection; undefined: nothing yet. */
  #told: string | null | undefined;

  /** `subject`: what is looked at here, null while nobody sits here. */
  constructor(
    readonly session: Session,
    subject: () => Subject | null,
  ) {
    $effect(() => on(document, 'visibilitychange', () => (this.#hidden = document.hidden)));
    $effect(() => {
      if (session.link !== 'open') {
        // The server forgets with the connection, and what it told may not hold any more.
        this.#told = undefined;
        untrack(() => (session.looking = []));
        return undefined;
      }
      const seen = this.#hidden ? null : subject();
      const timer = setTimeout(() => this.#tell(seen), REST_MS);
      return () => clearTimeout(timer);
    });
  }

  readonly #byKey: ReadonlyMap<string, readonly Author[]> = $derived.by(() => {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew whenever it changes
    const found = new Map<string, readonly Author[]>();
    for (const { subject, by } of this.session.looking) {
      const key = keyOf(subject);
      if (by.id !== this.session.you?.id) found.set(key, [...(found.get(key) ?? NOBODY), by]);
    }
    return found;
  });

  /** Colleagues who look at it. */
  at(key: string): readonly Author[] {
    return this.#byKey.get(key) ?? NOBODY;
  }

  #tell(subject: Subject | null): void {
    const key = subject && keyOf(subject);
    if (key === this.#told || (key === null && this.#told === undefined)) return;
    this.#told = key;
    void this.session.send('moderation.look', { subject });
  }
}
