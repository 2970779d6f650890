/** Arithmetic of a list whose rows have different heights. Pure; lengths are CSS pixels. */

/** Where each row begins, and one entry more: the height of all. */
export function offsetsOf<Item>(
  items: readonly Item[],
  heightOf: (item: Item) => number,
): Float64Array {
  const offsets = new Float64Array(items.length + 1);
  items.forEach((item, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + heightOf(item);
  });
  return offsets;
}

/** The row in which `position` lies, by bisection; 0 before the first, the last row after the end. */
export function indexAt(offsets: Float64Array, position: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
