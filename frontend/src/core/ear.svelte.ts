/** How the ear of a session is, and how each segment feels: told to its staff alone. */
import { call } from './http';
import type { Session } from './session.svelte';

/** From -1 to 1; the curve holds the last minutes, null where too few had spoken. */
export interface Mood {
  readonly value: number;
  readonly people: number;
  readonly curve: readonly (number | null)[];
}

export interface EarNow {
  readonly models: 'loading' | 'ready' | 'restarting' | 'off';
  readonly trouble: readonly string[];
  readonly decisions: number;
  readonly mood: Readonly<Record<string, Mood>>;
}

const POLL_MS = 10_000;
const LOADING_POLL_MS = 2_000;

export class EarWatch {
  now = $state.raw<EarNow | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(protected readonly session: Session) {}

  /** Keeps asking how the ear is, until told to stop. */
  follow(): () => void {
    let stopped = false;
    const poll = async (): Promise<void> => {
      if (document.visibilityState === 'visible') await this.look();
      if (stopped) return;
      const pause_ms = this.now && this.now.models !== 'loading' ? POLL_MS : LOADING_POLL_MS;
      this.#timer = setTimeout(() => void poll(), pause_ms);
    };
    void poll();
    return () => {
      stopped = true;
      clearTimeout(this.#timer);
    };
  }

  /** Asks once, now. */
  async look(): Promise<void> {
    const answer = await call<EarNow>(`/sessions/${encodeURIComponent(this.session.slug)}/ear`);
    if (answer.ok) this.now = answer.value;
  }
}
