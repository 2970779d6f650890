/** What the ear takes lines to be about. */
import { m } from '$messages';

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
