/** Whether warnings are spoken on this device: for a host who looks into a camera, with headphones on. */
import { getLocale } from '$runtime';

const STORED = 'causerie_host_speaks';

function stored(): boolean {
  try {
    return localStorage.getItem(STORED) === 'on';
  } catch {
    // Nothing may be stored here: silence is the usual.
    return false;
  }
}

class Speaking {
  readonly possible = 'speechSynthesis' in window;
  #on = $state(stored());

  get on(): boolean {
    return this.#on && this.possible;
  }

  set on(on: boolean) {
    this.#on = on;
    if (!on && this.possible) speechSynthesis.cancel();
    try {
      localStorage.setItem(STORED, on ? 'on' : 'off');
    } catch {
      // Not remembered for the next visit; it holds for this one.
    }
  }

  /** Says it, in the language of the page, instead of what is still being said. */
  say(text: string): void {
    if (!this.on) return;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = getLocale();
    speechSynthesis.cancel();
    speechSynthesis.speak(said);
  }
}

export const speaking = new Speaking();
