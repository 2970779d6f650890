/** Whether this device's connection is one that costs by the byte, and what was chosen for it. */
import type { LayerWish } from '$core/media/layer';

export type Quality = NonNullable<LayerWish['quality']>;
export const QUALITIES: readonly Quality[] = ['auto', 'high', 'low', 'audio'];

const KEPT = 'causerie.quality';

/** Of the Network Information API, where a browser has it. */
interface Connection extends EventTarget {
  saveData?: boolean;
  type?: string;
}

export function connection(): Connection | undefined {
  return (navigator as Navigator & { connection?: Connection }).connection;
}

/** Asked to save data, or on a mobile network. */
export function isMetered(): boolean {
  const link = connection();
  return link?.saveData === true || link?.type === 'cellular';
}

/** What was chosen on this device; null if nothing was. */
export function kept(): Quality | null {
  try {
    const value = localStorage.getItem(KEPT);
    return QUALITIES.find((each) => each === value) ?? null;
  } catch {
    return null;
  }
}

/** Remembers a choice, where the browser lets us. */
export function keep(quality: Quality): void {
  try {
    localStorage.setItem(KEPT, quality);
  } catch {
    // A page without storage forgets it when it is left; nothing else changes.
  }
}

/** How to watch before anything was chosen: small where data costs. */
export function preset(): Quality {
  return kept() ?? (isMetered() ? 'low' : 'auto');
}
