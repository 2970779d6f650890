/** Growing, jittered pauses between attempts, so that a thousand pages do not return at once. */
export class Backoff {
  #attempt = 0;

  constructor(
    readonly min_ms: number,
    readonly max_ms: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next pause in ms: anywhere between the shortest and a bound that doubles each time. */
  next(): number {
    const bound = Math.min(this.max_ms, this.min_ms * 2 ** Math.min(this.#attempt + 1, 16));
    this.#attempt += 1;
    return Math.round(this.min_ms + this.random() * (bound - this.min_ms));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
