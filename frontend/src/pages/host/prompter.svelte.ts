/** How the text runs before the host: size and speed kept on this device, and whether it runs. */
const STORED = 'causerie_prompter';
export const SIZES: readonly number[] = [28, 36, 46, 58, 72, 90];
/** Lines a minute. */
export const SPEEDS: readonly number[] = [6, 9, 12, 16, 20, 26, 34];

interface Kept {
  size: number;
  speed: number;
  mirrored: boolean;
}

function kept(): Kept {
  try {
    const read = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Kept>;
    return { size: within(read.size, SIZES, 2), speed: within(read.speed, SPEEDS, 2), mirrored: read.mirrored === true };
  } catch {
    // Nothing readable is stored, or nothing may be: the usual ones hold.
    return { size: 2, speed: 2, mirrored: false };
  }
}

function within(index: unknown, list: readonly number[], usual: number): number {
  return typeof index === 'number' && Number.isInteger(index) && list[index] !== undefined ? index : usual;
}

export class Prompter {
  #kept = $state.raw(kept());
  running = $state(false);

  readonly size_px = $derived(SIZES[this.#kept.size] ?? 46);
  readonly lines_min = $derived(SPEEDS[this.#kept.speed] ?? 12);
  readonly mirrored = $derived(this.#kept.mirrored);

  resize(by: 1 | -1): void {
    this.#keep({ ...this.#kept, size: Math.min(SIZES.length - 1, Math.max(0, this.#kept.size + by)) });
  }

  pace(by: 1 | -1): void {
    this.#keep({ ...this.#kept, speed: Math.min(SPEEDS.length - 1, Math.max(0, this.#kept.speed + by)) });
  }

  mirror(): void {
    this.#keep({ ...this.#kept, mirrored: !this.#kept.mirrored });
  }

  /** What a key does to the text; whether it did anything. */
  take(key: string): boolean {
    switch (key) {
      case ' ':
        this.running = !this.running;
        return true;
      case 'ArrowUp':
      case 'ArrowDown':
        this.pace(key === 'ArrowUp' ? 1 : -1);
        return true;
      case 'ArrowLeft':
      case 'ArrowRight':
        this.resize(key === 'ArrowRight' ? 1 : -1);
        return true;
      case 'i':
      case 'I':
        this.mirror();
        return true;
      default:
        return false;
    }
  }

  #keep(now: Kept): void {
    this.#kept = now;
    try {
      localStorage.setItem(STORED, JSON.stringify(now));
    } catch {
      // Not remembered for the next visit; it holds for this one.
    }
  }
}
