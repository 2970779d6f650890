/** Items in an order that is kept: what comes, goes or moves costs a bisection. Pure. */
import type { Item } from './items';

/** Below 0 where `a` stands before `b`. Never 0 for two items: their keys decide last. */
export type Order = (a: Item, b: Item) => number;

export class Queue {
  readonly #items: Item[];

  constructor(
    readonly order: Order,
    items: Item[] = [],
  ) {
    this.#items = items.sort(order);
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  get length(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    this.#items.splice(this.#placeOf(item), 0, item);
  }

  /** Takes out the very item that was added; what it has become since stands elsewhere. */
  remove(item: Item): void {
    const at = this.#placeOf(item);
    if (this.#items[at] === item) this.#items.splice(at, 1);
  }

  #placeOf(item: Item): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.order(this.#items[middle] as Item, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
