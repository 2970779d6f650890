/** How a show keeps its time: of the part that is on, and as a whole. Pure; seconds throughout. */
import type { Part, Run } from '$wire/types';

export interface PartClock {
  /** How long it has been on, all its turns together. */
  readonly elapsed_s: number;
  /** What is left of its target; below 0 it runs over. Null: it has none. */
  readonly left_s: number | null;
}

export interface ShowClock {
  /** By how much the show is behind what was planned; below 0 it is ahead. */
  readonly behind_s: number;
  /** What is still to come, the rest of this part included; parts without a target count nothing. */
  readonly to_come_s: number;
}

export function partClock(part: Part, now_ms: number): PartClock {
  const elapsed_s = lasted(part.runs, now_ms);
  return { elapsed_s, left_s: part.minutes === null ? null : part.minutes * 60 - elapsed_s };
}

/** A part that was on and is over took what it took; the one that is on counts once it runs over. */
export function showClock(parts: readonly Part[], current: string | null, now_ms: number): ShowClock {
  let behind_s = 0;
  let to_come_s = 0;
  for (const part of parts) {
    const { elapsed_s, left_s } = partClock(part, now_ms);
    const on = part.id === current;
    if (left_s === null) continue;
    if (on) behind_s += Math.max(0, -left_s);
    else if (part.runs.length > 0) behind_s += elapsed_s - (part.minutes ?? 0) * 60;
    if (on) to_come_s += Math.max(0, left_s);
  }
  for (const part of upcoming(parts)) to_come_s += (part.minutes ?? 0) * 60;
  return { behind_s, to_come_s };
}

/** Those still to come, in turn: after the last that was on, and not skipped. */
export function upcoming(parts: readonly Part[]): Part[] {
  let latest = -1;
  parts.forEach((part, index) => {
    const since = part.runs.at(-1)?.since;
    const best = parts[latest]?.runs.at(-1)?.since;
    if (since !== undefined && (best === undefined || since > best)) latest = index;
  });
  return parts.slice(latest + 1).filter((part) => part.status === 'planned');
}

/** Where “back” leads from the part that is on: the one before it that is not skipped. */
export function previous(parts: readonly Part[], current: string | null): Part | null {
  const at = parts.findIndex((part) => part.id === current);
  const before = at < 0 ? parts.filter((part) => part.runs.length > 0) : parts.slice(0, at);
  return before.findLast((part) => part.status === 'planned') ?? null;
}

/** A title in the reader's language, else in the show's first, else in any. */
export function titleOf(part: { titles: Record<string, string> }, wanted: string, languages: readonly string[]): string {
  const tags = [wanted, wanted.split('-')[0] ?? wanted, ...languages];
  const found = tags.find((tag) => part.titles[tag] !== undefined);
  return (found === undefined ? Object.values(part.titles)[0] : part.titles[found]) ?? '';
}

function lasted(runs: readonly Run[], now_ms: number): number {
  return runs.reduce((sum, run) => {
    const until_ms = run.until === null ? now_ms : Date.parse(run.until);
    return sum + Math.max(0, until_ms - Date.parse(run.since)) / 1000;
  }, 0);
}
