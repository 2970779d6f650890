/**
 * The last minutes as curves: how many things of each kind happened in each short interval. What is
 * drawn is what was counted; a moment in which this page was away is a gap, not a zero.
 */

export const BUCKET_MS = 2_000;
export const BUCKETS = 150;
const SMOOTHED = 3;

export interface PulseSeries {
  readonly id: 'reactions' | 'messages' | 'questions';
  /** One count per interval, oldest first; null where nothing was observed. */
  readonly counts: readonly (number | null)[];
}

type Kind = PulseSeries['id'];
const KINDS: readonly Kind[] = ['reactions', 'messages', 'questions'];

export class PulseHistory {
  #total: number | null = null;
  #first = Infinity;
  readonly #counts = new Map<number, Record<Kind, number>>();

  /** Totals of reactions as the pulse tells them: what they grew by belongs to this moment. */
  reactions(total: number, at_ms: number): void {
    if (this.#total !== null && total > this.#total) this.#add('reactions', total - this.#total, at_ms);
    this.#total = total;
    this.seen(at_ms);
  }

  /** One more message or question, at this moment. */
  count(kind: 'messages' | 'questions', at_ms: number): void {
    this.#add(kind, 1, at_ms);
  }

  /** The page was connected at this moment, whatever happened or not. */
  seen(at_ms: number): void {
    this.#bucket(at_ms);
  }

  /** The curves up to now. */
  series(now_ms: number): PulseSeries[] {
    const last = Math.floor(now_ms / BUCKET_MS);
    const range = Array.from({ length: BUCKETS }, (_, index) => last - BUCKETS + 1 + index);
    return KINDS.map((id) => ({ id, counts: range.map((at) => this.#counts.get(at)?.[id] ?? null) }));
  }

  #add(kind: Kind, count: number, at_ms: number): void {
    this.#bucket(at_ms)[kind] += count;
  }

  #bucket(at_ms: number): Record<Kind, number> {
    const at = Math.floor(at_ms / BUCKET_MS);
    let bucket = this.#counts.get(at);
    if (!bucket) {
      bucket = { reactions: 0, messages: 0, questions: 0 };
      this.#counts.set(at, bucket);
      this.#first = Math.min(this.#first, at);
      while (this.#first < at - BUCKETS) this.#counts.delete(this.#first++);
    }
    return bucket;
  }
}

/** Per minute, over the last half minute that was observed. */
export function perMinute(series: PulseSeries): number {
  const recent = series.counts.slice(-30_000 / BUCKET_MS).filter((count) => count !== null);
  if (recent.length === 0) return 0;
  const sum = recent.reduce((all, count) => all + count, 0);
  return Math.round((sum / recent.length) * (60_000 / BUCKET_MS));
}

/**
 * A smooth path through the counts in a box of `width` by `height`, each curve on its own scale; gaps
 * lift the pen.
 */
export function pathOf(series: PulseSeries, width: number, height: number): string {
  // Twice: a triangle of weights has no steps of its own.
  const counts = smooth(smooth(series.counts));
  const highest = Math.max(1, ...counts.map((count) => count ?? 0));
  const step = width / (BUCKETS - 1);
  let path = '';
  let before: { x: number; y: number } | null = null;
  counts.forEach((count, index) => {
    if (count === null) {
      before = null;
      return;
    }
    const point = { x: index * step, y: height - (count / highest) * height };
    if (before) {
      const middle = (before.x + point.x) / 2;
      path += `C${middle.toFixed(1)} ${before.y.toFixed(1)} ${middle.toFixed(1)} ${point.y.toFixed(1)} ${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    } else path += `M${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    before = point;
  });
  return path;
}

/** A moving mean over some intervals to both sides: single taps become a curve. */
export function smooth(counts: readonly (number | null)[]): (number | null)[] {
  return counts.map((count, index) => {
    if (count === null) return null;
    const near = counts
      .slice(Math.max(0, index - SMOOTHED), index + SMOOTHED + 1)
      .filter((each) => each !== null);
    return near.reduce((all, each) => all + each, 0) / near.length;
  });
}
