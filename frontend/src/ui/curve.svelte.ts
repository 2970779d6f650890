/** The pulse of a session as its team is told it: what it was, by a call, and what moves, by the socket. */
import type { CurveTick } from '$wire/types';
import { call } from '$core/http';
import type { Session } from '$core/session.svelte';
import { withTicks } from './pulse';

/** Frames that were missed on a slow line are made good this often. */
const AGAIN_MS = 60_000;

export interface Moment {
  readonly kind: 'applause' | 'confused';
  readonly at: string;
  readonly people: number;
  readonly question_id: string | null;
  readonly part_id: string | null;
}

export class CurveWatch {
  ticks = $state.raw<readonly CurveTick[]>([]);
  moments = $state.raw<readonly Moment[]>([]);

  constructor(private readonly session: Session) {}

  /** Reads what was, now and then again; gives back how to stop that. */
  follow(): () => void {
    void this.#read();
    const timer = setInterval(() => void this.#read(), AGAIN_MS);
    return () => clearInterval(timer);
  }

  /** Takes what a frame brought. */
  take(curve: readonly CurveTick[] | undefined): void {
    if (curve) this.ticks = withTicks(this.ticks, curve);
  }

  async #read(): Promise<void> {
    const slug = encodeURIComponent(this.session.slug);
    const answer = await call<{ ticks: CurveTick[]; moments: Moment[] }>(`/sessions/${slug}/pulse`);
    if (!answer.ok) return;
    this.ticks = withTicks(answer.value.ticks, this.ticks.slice(-3));
    this.moments = answer.value.moments;
  }
}
