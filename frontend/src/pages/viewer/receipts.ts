/** Tells the server how far its reader got with announcements: each step of each once, many at a time. */
import { call } from '$core/http';

/** A crowd that gets an announcement at once answers over some seconds. */
const PAUSE_MS = 1_000;
const SPREAD_MS = 3_000;
const AT_ONCE = 50;

type Step = 'reached' | 'seen';

export class Receipts {
  readonly #told: Record<Step, Set<string>> = { reached: new Set(), seen: new Set() };
  readonly #waiting: Record<Step, Set<string>> = { reached: new Set(), seen: new Set() };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly slug: string) {}

  note(step: Step, id: string): void {
    if (this.#told[step].has(id)) return;
    this.#told[step].add(id);
    this.#waiting[step].add(id);
    this.#timer ??= setTimeout(() => void this.#tell(), PAUSE_MS + Math.random() * SPREAD_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.reached.size + this.#waiting.seen.size > 0) void this.#tell(true);
  }

  async #tell(farewell = false): Promise<void> {
    this.#timer = undefined;
    const seen = [...this.#waiting.seen].slice(0, AT_ONCE);
    const reached = [...this.#waiting.reached].filter((id) => !seen.includes(id)).slice(0, AT_ONCE);
    const body = { reached, seen };
    const done = await call(`/sessions/${encodeURIComponent(this.slug)}/receipts`, { method: 'POST', body, keepalive: farewell });
    // What could not be told is told with the next one; nobody waits for it.
    if (!done.ok) return;
    for (const id of seen) {
      this.#waiting.seen.delete(id);
      this.#waiting.reached.delete(id);
    }
    for (const id of reached) this.#waiting.reached.delete(id);
  }
}

/** Calls `seen` once the element has stood in sight for a second, on a page that is looked at. */
export function inSight(seen: () => void): (element: Element) => () => void {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        clearTimeout(timer);
        if (!entry?.isIntersecting) return;
        timer = setTimeout(() => {
          if (document.visibilityState === 'visible') seen();
          // Looked at again later, it comes into sight anew.
          else observer.observe(element);
        }, 1_000);
      },
      { threshold: 0.5 },
    );
    observer.observe(element);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  };
}
