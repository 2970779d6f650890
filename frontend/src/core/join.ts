/** Entering a session: who one is here, by the cookie if this device has been before. */
import type { You } from '../wire/types';
import { call, type Outcome } from './http';

export interface Entrance {
  display_name?: string;
  language?: string;
  language_guessed?: boolean;
  segment?: string;
}

/** Joins, or comes back as oneself; the session's cookie is set afterwards and opens the socket. */
export async function join(slug: string, entrance: Entrance): Promise<Outcome<You>> {
  const path = `/sessions/${encodeURIComponent(slug)}/join`;
  const joined = await call<{ participant: You }>(path, { method: 'POST', body: entrance });
  return joined.ok ? { ok: true, value: joined.value.participant } : joined;
}

/** The session's slug in the address of one of its pages, `/s/{slug}/…`; empty elsewhere. */
export function slugOf(pathname: string): string {
  return decodeURIComponent(/^\/s\/([^/]+)/.exec(pathname)?.[1] ?? '');
}
