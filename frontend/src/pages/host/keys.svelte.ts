/** Which key does what in the cockpit. A presenter's remote sends Page Down and Page Up: the parts
 *  move by them. Letters can be switched off (WCAG 2.1.4), kept on this device. */
import { m } from '$messages';

export const KEYS = {
  answered: { key: 'a', cap: 'A', label: m.host_key_answered },
  next: { key: 'n', cap: 'N', label: m.host_key_next },
  undo: { key: 'z', cap: 'Z', label: m.host_key_undo },
  screen: { key: 'w', cap: 'W', label: m.host_key_screen },
  mute: { key: 'm', cap: 'M', label: m.host_key_mute },
  slate: { key: '.', cap: '.', label: m.slate_key },
  part: { key: 'pagedown', cap: 'PgDn', label: m.host_key_part },
  back: { key: 'pageup', cap: 'PgUp', label: m.host_key_back },
  longer: { key: '+', cap: '+', label: m.host_key_longer },
  prompt: { key: 't', cap: 'T', label: m.host_key_prompt },
  runshow: { key: 'r', cap: 'R', label: m.host_key_runshow },
  help: { key: '?', cap: '?', label: m.host_key_help },
} as const;

export type HostAct = keyof typeof KEYS;

const STORED = 'causerie_host_keys';

function stored(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    // Nothing may be stored here: the keys hold.
    return true;
  }
}

class HostKeys {
  #on = $state(stored());

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    try {
      localStorage.setItem(STORED, on ? 'on' : 'off');
    } catch {
      // Not remembered for the next visit; it holds for this one.
    }
  }

  /** As it stands on a cap; nothing while the keys are off. */
  cap(act: HostAct): string | undefined {
    return this.on ? KEYS[act].cap : undefined;
  }

  /** By the character that the layout gives, so that AZERTY and QWERTY mean the same letter. */
  actFor(event: KeyboardEvent): HostAct | undefined {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const key = event.key.toLowerCase();
    return (Object.keys(KEYS) as HostAct[]).find((act) => KEYS[act].key === key);
  }
}

export const keys = new HostKeys();
