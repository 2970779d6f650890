/** Short news that floats: what was done, what was refused, and one thing to do about it. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad';
  readonly action?: { readonly label: string; readonly run: () => void };
  /** A newer toast of the same group takes the place of an older one. */
  readonly group?: string;
}

const STAYS_MS = 6_000;
const AT_MOST = 3;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  /** Shows `text` for six seconds, longer while it carries an action; the oldest gives way. */
  show(text: string, tone: Toast['tone'] = 'plain', action?: Toast['action'], group?: string): void {
    const id = this.#next++;
    const others = this.list.filter((each) => group === undefined || each.group !== group);
    const toast: Toast = { id, text, tone, ...(action && { action }), ...(group && { group }) };
    this.list = [...others, toast].slice(-AT_MOST);
    window.setTimeout(() => this.dismiss(id), action ? 2 * STAYS_MS : STAYS_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
