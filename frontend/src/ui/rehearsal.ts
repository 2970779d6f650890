/** A rehearsal by its address, and what it found, handed from the copy's page to the show's own. */
export const PREFIX = 'rehearsal--';

export interface Unready {
  code: string;
  path: string;
  title?: string;
  language?: string;
  count?: number;
}

/** The show that this is a rehearsal of; null if it is none. */
export function originalOf(slug: string): string | null {
  return slug.startsWith(PREFIX) ? slug.slice(PREFIX.length) : null;
}

export function keepFound(original: string, found: readonly Unready[]): void {
  try {
    sessionStorage.setItem(`causerie_rehearsed_${original}`, JSON.stringify(found));
  } catch {
    // Nothing may be stored here: the list is not shown again.
  }
}

/** What the last rehearsal of this show found; null if there was none in this tab. */
export function foundBy(slug: string): Unready[] | null {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(`causerie_rehearsed_${slug}`) ?? 'null');
    return Array.isArray(read) ? (read as Unready[]) : null;
  } catch {
    return null;
  }
}
