/** What is chosen to be acted on together: one by one, or as a range. */
import { SvelteSet } from 'svelte/reactivity';

/** So many go into one command of the server's. */
export const AT_ONCE = 100;

export class Selection {
  readonly keys = new SvelteSet<string>();
  /** Where a range begins: the item chosen last. */
  #anchor: string | null = null;

  get size(): number {
    return this.keys.size;
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Chooses it, or no longer; whether there was room. */
  toggle(key: string): boolean {
    this.#anchor = key;
    if (this.keys.delete(key)) return true;
    return this.#add(key);
  }

  /** Everything from the item chosen last up to this one, in the order of its lane. */
  extend(to: string, order: readonly string[]): boolean {
    const end = order.indexOf(to);
    const start = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    if (end < 0) return true;
    if (start < 0) return this.toggle(to);
    const [low, high] = start < end ? [start, end] : [end, start];
    return order.slice(low, high + 1).every((key) => this.#add(key));
  }

  clear(): void {
    this.keys.clear();
    this.#anchor = null;
  }

  #add(key: string): boolean {
    if (this.keys.size >= AT_ONCE && !this.keys.has(key)) return false;
    this.keys.add(key);
    return true;
  }
}
