/** Which key does what on this desk. Kept on this device; letters can be switched off (WCAG 2.1.4). */
import { m } from '$messages';

export const ACTIONS = {
  next: { key: 'j', label: m.mod_key_next },
  prev: { key: 'k', label: m.mod_key_prev },
  choose: { key: 'x', label: m.mod_key_choose },
  publish: { key: 'p', label: m.mod_key_publish },
  pick: { key: 'h', label: m.mod_key_pick },
  answering: { key: 'o', label: m.mod_key_answering },
  answered: { key: 'a', label: m.mod_key_answered },
  away: { key: 'd', label: m.mod_key_away },
  restore: { key: 'r', label: m.mod_key_restore },
  reply: { key: 'c', label: m.mod_key_reply },
  edit: { key: 'e', label: m.mod_key_edit },
  same: { key: 'm', label: m.mod_key_same },
  apart: { key: '-', label: m.mod_key_apart },
  split: { key: 'u', label: m.mod_key_split },
  ask: { key: 'q', label: m.mod_key_ask },
  place: { key: 'g', label: m.mod_key_place },
  person: { key: 'i', label: m.mod_key_person },
  answer: { key: 'y', label: m.mod_key_answer },
  label: { key: 'l', label: m.mod_key_label },
  mine: { key: '+', label: m.mod_key_mine },
  announce: { key: '!', label: m.mod_key_announce },
  filter: { key: 'f', label: m.mod_key_filter },
  screen: { key: 'w', label: m.mod_key_screen },
  claim: { key: 't', label: m.mod_key_claim },
  leave: { key: 'b', label: m.mod_key_leave },
  undo: { key: 'z', label: m.mod_key_undo },
  news: { key: 'n', label: m.mod_key_news },
  shield: { key: 's', label: m.mod_key_shield },
  slate: { key: '.', label: m.slate_key },
  sound: { key: 'v', label: m.mod_key_sound },
  search: { key: '/', label: m.mod_key_search },
  help: { key: '?', label: m.mod_key_help },
} as const;

export type Action = keyof typeof ACTIONS;

const STORED = 'causerie_keys';

interface Settings {
  on: boolean;
  keys: Partial<Record<Action, string>>;
}

function stored(): Settings {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(STORED) ?? '{}');
    const { on, keys } = read as Partial<Settings>;
    return { on: on !== false, keys: typeof keys === 'object' && keys !== null ? keys : {} };
  } catch {
    // Nothing readable is stored, or nothing may be: the usual keys hold.
    return { on: true, keys: {} };
  }
}

export class Keys {
  #settings = $state.raw<Settings>(stored());

  get on(): boolean {
    return this.#settings.on;
  }

  set on(on: boolean) {
    this.#store({ ...this.#settings, on });
  }

  keyFor(action: Action): string {
    return this.#settings.keys[action] ?? ACTIONS[action].key;
  }

  /** As it stands on a cap: upper case, or nothing while letters are off. */
  capFor(action: Action): string | undefined {
    return this.on ? this.keyFor(action).toLocaleUpperCase() : undefined;
  }

  /** By the character that the layout gives, so that AZERTY and QWERTY mean the same letter. */
  actionFor(event: KeyboardEvent): Action | undefined {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const key = event.key.toLocaleLowerCase();
    return (Object.keys(ACTIONS) as Action[]).find((action) => this.keyFor(action) === key);
  }

  /** Gives an action another key; the action that has it already is answered instead. */
  assign(action: Action, key: string): Action | null {
    const wanted = key.toLocaleLowerCase();
    const owner = (Object.keys(ACTIONS) as Action[]).find((each) => this.keyFor(each) === wanted);
    if (owner && owner !== action) return owner;
    this.#store({ ...this.#settings, keys: { ...this.#settings.keys, [action]: wanted } });
    return null;
  }

  reset(): void {
    this.#store({ on: true, keys: {} });
  }

  #store(settings: Settings): void {
    this.#settings = settings;
    try {
      localStorage.setItem(STORED, JSON.stringify(settings));
    } catch {
      // Not remembered for the next visit; it holds for this one.
    }
  }
}

/** Where an arrow key leads while the focus is among the lanes: to an item, or to a lane. */
export function stepOf(event: KeyboardEvent): { axis: 'item' | 'lane'; by: 1 | -1 } | undefined {
  const target = event.target;
  const here =
    target === document.body || (target instanceof Element && target.closest('[data-lane]') !== null);
  if (!here) return undefined;
  const rightwards = document.dir === 'rtl' ? -1 : 1;
  switch (event.key) {
    case 'ArrowDown':
      return { axis: 'item', by: 1 };
    case 'ArrowUp':
      return { axis: 'item', by: -1 };
    case 'ArrowRight':
      return { axis: 'lane', by: rightwards };
    case 'ArrowLeft':
      return { axis: 'lane', by: rightwards === 1 ? -1 : 1 };
    default:
      return undefined;
  }
}
