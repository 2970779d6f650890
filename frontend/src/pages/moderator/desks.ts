/** The desks of the house that questions are sent to, and what a rule can go by. */
import { m } from '$messages';

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

/** What was typed, by commas or lines. */
export function entriesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((each) => each.trim())
    .filter(Boolean);
}
