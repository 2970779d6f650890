/** How this person likes the desk to look, remembered on this device. */
import type { Shown } from './items';
import { type Sort, SORTS } from './orders';

export interface Prefs {
  readonly view: 'columns' | 'list';
  readonly shown: Shown;
  readonly sort: Sort;
}

const STORED = 'causerie_desk';
const USUAL: Prefs = { view: 'columns', shown: 'all', sort: 'usual' };

export function recalled(): Prefs {
  try {
    const read = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Prefs>;
    return {
      view: read.view === 'list' ? 'list' : 'columns',
      shown: isShown(read.shown) ? read.shown : 'all',
      sort: SORTS.find((each) => each === read.sort) ?? 'usual',
    };
  } catch {
    // Nothing readable is stored, or nothing may be.
    return USUAL;
  }
}

export function remember(prefs: Prefs): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(prefs));
  } catch {
    // Not remembered for the next visit; it holds for this one.
  }
}

function isShown(value: unknown): value is Shown {
  return typeof value === 'string' && (['all', 'question', 'message', 'likely'].includes(value) || value.startsWith('desk:'));
}
