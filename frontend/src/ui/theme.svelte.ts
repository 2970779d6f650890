/** Light or dark as the device asks, or as the person chose on this device. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'causerie_theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    // Storage may be forbidden (private mode, policy): the device's choice holds.
    return 'system';
  }
}

class ThemeChoice {
  current = $state<Theme>(stored());
  #preferred: Theme = 'system';

  /** What this page shows until the person chose: the cockpit is dark for studio light. */
  prefer(preferred: Theme): void {
    this.#preferred = preferred;
    this.apply();
  }

  apply(): void {
    const theme = this.current === 'system' ? this.#preferred : this.current;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  choose(theme: Theme): void {
    this.current = theme;
    this.apply();
    try {
      if (theme === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // Not remembered, but shown: nothing else to do.
    }
  }
}

export const theme = new ThemeChoice();
