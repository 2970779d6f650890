/** Which items a moderator wants to see. Pure. */
import { isForHost } from './orders';
import { type Item, laneOf, matches, type Shown } from './items';
import { isHeldForReason } from './shelf';

export type StateFilter = '' | 'held' | 'handle' | 'live' | 'host' | 'answered' | 'aside';

/** The assignee of what nobody sees to. */
export const NOBODY = 'nobody';

/** An empty string lets everything through; `assignee` is a participant's id, or `NOBODY`. */
export interface Filter {
  readonly segment: string;
  readonly language: string;
  readonly label: string;
  readonly assignee: string;
  readonly state: StateFilter;
}

export const NO_FILTER: Filter = { segment: '', language: '', label: '', assignee: '', state: '' };

/** How many of its parts let not everything through. */
export function breadth(filter: Filter): number {
  return Object.values(filter).filter(Boolean).length;
}

export function wantedBy(filter: Filter, shown: Shown, words: string): (item: Item) => boolean {
  const said = words.trim();
  return (item) => isShown(item, shown) && fits(item, filter) && (said === '' || matches(item, said));
}

function isShown(item: Item, shown: Shown): boolean {
  // The host's lanes hold questions only, whatever one looks at elsewhere.
  if (isForHost(item)) return true;
  if (shown === 'likely') return item.kind === 'message';
  if (shown.startsWith('desk:')) return item.hints?.desk?.value === shown.slice('desk:'.length);
  return shown === 'all' || shown === item.kind;
}

function fits(item: Item, { segment, language, label, assignee, state }: Filter): boolean {
  if (segment !== '' && item.author.segment !== segment) return false;
  if (language !== '' && primary(item.language) !== primary(language)) return false;
  if (label !== '' && !(item.labels ?? []).includes(label)) return false;
  if (assignee === NOBODY ? item.assignee !== undefined : assignee !== '' && item.assignee !== assignee) {
    return false;
  }
  if (state === 'held') return isHeldForReason(item);
  return state === '' || laneOf(item.status) === state;
}

function primary(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? language;
}
