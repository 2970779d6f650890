/**
 * The last minutes as curves, out of the ticks that the server counted: how much of something
 * happened in each of them, for everyone or for each group that is large enough to be told.
 */
import type { CurveTick, Figures } from '$wire/types';

export const TICK_MS = 2_000;
/** Five minutes. */
export const TICKS = 150;
const SMOOTHED = 3;

export const MEASURES = ['reactions', 'confused', 'messages', 'questions', 'left', 'present', 'attentive'] as const;
export type Measure = (typeof MEASURES)[number];
export type Split = 'all' | 'segments' | 'languages';

const SIGNALS: Record<Measure, readonly string[]> = {
  reactions: ['heart', 'applause', 'laugh', 'surprise', 'confused'],
  confused: ['confused'],
  messages: ['message'],
  questions: ['question'],
  left: ['left'],
  present: [],
  attentive: [],
};

/** Levels and no counts: how many people there are just then. */
const LEVELS: readonly Measure[] = ['present', 'attentive'];

/** What can be shown: who watches only where that is counted. */
export function measuresOf(ticks: readonly CurveTick[]): readonly Measure[] {
  return ticks.some((tick) => tick.all.attentive !== undefined) ? MEASURES : MEASURES.filter((each) => each !== 'attentive');
}


export interface PulseSeries {
  /** A segment or a language; empty: everyone. */
  readonly id: string;
  /** One count per tick, oldest first; null where the group was too small to be told. */
  readonly counts: readonly (number | null)[];
}

/** The curves of one measure up to now, everyone's or each group's. */
export function seriesOf(
  ticks: readonly CurveTick[],
  now_ms: number,
  measure: Measure,
  split: Split,
): PulseSeries[] {
  const last = Math.floor(now_ms / TICK_MS) - 1;
  const byTick = new Map(ticks.map((tick) => [Math.floor(Date.parse(tick.at) / TICK_MS), tick]));
  const ids = split === 'all' ? [''] : namesOf(ticks, split);
  return ids.map((id) => {
    let known: Figures | undefined;
    let seen = false;
    const counts: (number | null)[] = [];
    for (let at = last - TICKS + 1; at <= last; at += 1) {
      const tick = byTick.get(at);
      if (tick) {
        known = split === 'all' ? tick.all : tick[split][id];
        seen = true;
      }
      counts.push(valueOf(tick ? known : quiet(known), measure, seen));
    }
    return { id, counts };
  });
}

/** A tick in which nothing was counted: those who were here still are, and did nothing. */
function quiet(figures: Figures | undefined): Figures | undefined {
  return figures && { ...figures, counts: {} };
}

function valueOf(figures: Figures | undefined, measure: Measure, seen: boolean): number | null {
  if (!figures) return seen ? null : 0;
  if (measure === 'present') return figures.present;
  if (measure === 'attentive') return figures.attentive ?? null;
  return SIGNALS[measure].reduce((sum, signal) => sum + (figures.counts[signal] ?? 0), 0);
}

function namesOf(ticks: readonly CurveTick[], split: 'segments' | 'languages'): string[] {
  return [...new Set(ticks.flatMap((tick) => Object.keys(tick[split])))].sort();
}

/** Ticks with newer ones in their places; what is older than the server keeps is forgotten. */
export function withTicks(known: readonly CurveTick[], news: readonly CurveTick[]): CurveTick[] {
  const byMoment = new Map([...known, ...news].map((tick) => [tick.at, tick]));
  return [...byMoment.values()].sort((one, other) => (one.at < other.at ? -1 : 1)).slice(-450);
}

/** Per minute, over the last half minute; of people: how many now. */
export function rateOf(series: PulseSeries, measure: Measure): number | null {
  const recent = series.counts.slice(-30_000 / TICK_MS).filter((count) => count !== null);
  if (recent.length === 0) return null;
  if (LEVELS.includes(measure)) return recent.at(-1) ?? null;
  const sum = recent.reduce((all, count) => all + count, 0);
  return Math.round((sum / recent.length) * (60_000 / TICK_MS));
}

/** Sums of each minute, oldest first, for those who do not see curves. */
export function minutesOf(series: PulseSeries, measure: Measure): (number | null)[] {
  const each = 60_000 / TICK_MS;
  return Array.from({ length: TICKS / each }, (_, minute) => {
    const counts = series.counts.slice(minute * each, (minute + 1) * each).filter((count) => count !== null);
    if (counts.length === 0) return null;
    if (LEVELS.includes(measure)) return counts.at(-1) ?? null;
    return counts.reduce((all, count) => all + count, 0);
  });
}

/** The highest point of some curves once they are smooth: they share one scale. */
export function highestOf(all: readonly PulseSeries[]): number {
  return Math.max(1, ...all.flatMap((series) => shape(series).map((count) => count ?? 0)));
}

/** A smooth path through the counts in a box of `width` by `height`; gaps lift the pen. */
export function pathOf(series: PulseSeries, highest: number, width: number, height: number): string {
  const step = width / (TICKS - 1);
  let path = '';
  let before: { x: number; y: number } | null = null;
  shape(series).forEach((count, index) => {
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

/** Twice: a triangle of weights has no steps of its own. */
function shape(series: PulseSeries): (number | null)[] {
  return smooth(smooth(series.counts));
}

/** A moving mean over some ticks to both sides: single taps become a curve. */
export function smooth(counts: readonly (number | null)[]): (number | null)[] {
  return counts.map((count, index) => {
    if (count === null) return null;
    const near = counts
      .slice(Math.max(0, index - SMOOTHED), index + SMOOTHED + 1)
      .filter((each) => each !== null);
    return near.reduce((all, each) => all + each, 0) / near.length;
  });
}
