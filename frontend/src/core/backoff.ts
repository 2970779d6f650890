/** Growing, jittered pauses between attempts, so that a thousand pages do not return at once. */
export class Backoff {
  #attempt = 0;

  constructor(
    readonly min_ms: number,
    readonly max_ms: number,
    private readonly random: () => number = Math.random,
    readonly spread_ms: number = min_ms,
  ) {}

  /**
   * The next pause in ms: anywhere between the shortest and a bound that doubles each time. From the
   * first time on it lies at least `spread_ms` further: what a whole audience takes to come back.
   */
  next(): number {
    const grown = this.min_ms * 2 ** Math.min(this.#attempt + 1, 16);
    const bound = Math.min(this.max_ms, Math.max(grown, this.min_ms + this.spread_ms));
    this.#attempt += 1;
    return Math.round(this.min_ms + this.random() * (bound - this.min_ms));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
