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

const topics: Record<string, () => string> = {
  account: m.mod_topic_account,
  battery_and_warranty: m.mod_topic_battery_and_warranty,
  compatibility: m.mod_topic_compatibility,
  data: m.mod_topic_data,
  delivery: m.mod_topic_delivery,
  discounts: m.mod_topic_discounts,
  features: m.mod_topic_features,
  food: m.mod_topic_food,
  jobs: m.mod_topic_jobs,
  languages: m.mod_topic_languages,
  orders: m.mod_topic_orders,
  partners: m.mod_topic_partners,
  payment: m.mod_topic_payment,
  price: m.mod_topic_price,
  programme: m.mod_topic_programme,
  release: m.mod_topic_release,
  schedule: m.mod_topic_schedule,
  sound_and_picture: m.mod_topic_sound_and_picture,
  tickets: m.mod_topic_tickets,
};

/** The topics that the ear knows. */
export const TOPICS: readonly string[] = Object.keys(topics);

export function topicName(topic: string): string {
  return topics[topic]?.() ?? topic.replaceAll('_', ' ');
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
