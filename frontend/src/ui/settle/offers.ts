/** What a person of some cohort is offered just now, in the words that they read. Pure. */
import type { Announcement, Snapshot, Variant } from '$wire/types';

type Told = Pick<Snapshot, 'announcements' | 'session'>;

/** The latest active announcement with a link that reaches this cohort: its words and where it leads. */
export function offerFor({ announcements, session }: Told, segment: string, language: string): string | undefined {
  const spoken = [language, session.languages[0] ?? language];
  for (const announcement of announcements.toReversed()) {
    const variant = variantFor(announcement, segment, spoken);
    if (variant?.link) return `${variant.text} ${variant.link.url}`;
  }
  return undefined;
}

/** As the server chooses: one's own segment, what it is part of, then everyone; each in one's own
 *  language, then in the session's first. */
function variantFor({ variants = [] }: Announcement, segment: string, spoken: readonly string[]): Variant | undefined {
  for (const each of [...lineage(segment), null]) {
    for (const language of spoken) {
      const found = variants.find((one) => one.segment === each && primary(one.language) === primary(language));
      if (found) return found;
    }
  }
  return undefined;
}

/** `customer/vip`, then `customer`. */
function lineage(segment: string): string[] {
  const parts = segment.split('/').filter(Boolean);
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('/'));
}

function primary(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? tag;
}
