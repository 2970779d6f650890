/** A lane that holds still while somebody reads or aims in it. Pure. */
import type { Item } from './items';

export interface Arranged {
  readonly visible: readonly Item[];
  /** Arrived since the lane was held: counted, and shown when asked for. */
  readonly waiting: number;
  /** Keys of what stays in sight although someone else has handled it meanwhile. */
  readonly gone: ReadonlySet<string>;
}

/**
 * `frozen` holds the keys as they stood when the pointer or the focus came in, or null while nobody
 * is there. What this person decides or asks for (`own`) moves at once; everything else waits.
 */
export function arrange(
  current: readonly Item[],
  frozen: readonly string[] | null,
  find: (key: string) => Item | undefined,
  own: (key: string) => boolean,
): Arranged {
  if (frozen === null) return { visible: current, waiting: 0, gone: new Set() };
  const here = new Map(current.map((item) => [item.key, item]));
  const still = new Set(frozen);
  const gone = new Set<string>();
  const kept: Item[] = [];
  for (const key of frozen) {
    const item = here.get(key);
    if (item) kept.push(item);
    else if (!own(key)) {
      const left = find(key);
      if (!left) continue;
      gone.add(key);
      kept.push(left);
    }
  }
  const arrived = current.filter((item) => !still.has(item.key));
  const asked = arrived.filter((item) => own(item.key));
  return { visible: [...asked, ...kept], waiting: arrived.length - asked.length, gone };
}
