/** The desks of the house that questions are sent to, and what a rule can go by. */
import { m } from '$messages';
import type { SegmentInfo } from '$wire/types';
import { segmentName } from '$ui/words';

export const DESKS = ['after_sales', 'sales', 'staff', 'partners'] as const;
export type DeskId = (typeof DESKS)[number];

export function deskName(desk: string): string {
  const names: Record<DeskId, () => string> = {
    after_sales: m.mod_desk_after_sales,
    sales: m.mod_desk_sales,
    staff: m.mod_desk_staff,
    partners: m.mod_desk_partners,
  };
  return desk in names ? names[desk as DeskId]() : desk;
}

/** How segments are called in a session, its own ones among them. */
export function segmentsNamed(segments: readonly SegmentInfo[] = []): (id: string) => string {
  const own = new Map(segments.map((each) => [each.id, each.name]));
  return (id) => own.get(id) ?? segmentName(id);
}

/** A topic as it is kept, from what somebody calls it; empty where nothing of it can be kept. */
export function topicId(called: string): string {
  const plain = called.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '').slice(0, 60);
}

/** What was typed, a sentence a line. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((each) => each.trim())
    .filter(Boolean);
}

/** What was typed, by commas or lines. */
export function entriesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((each) => each.trim())
    .filter(Boolean);
}
