import { createSubscriber } from 'svelte/reactivity';

/** The present in milliseconds, refreshed on each full second while anything on the page reads it. */
class Seconds {
  readonly #subscribe = createSubscriber((update) => {
    let timer = 0;
    const next = () => {
      update();
      timer = window.setTimeout(next, 1000 - (Date.now() % 1000));
    };
    timer = window.setTimeout(next, 1000 - (Date.now() % 1000));
    return () => window.clearTimeout(timer);
  });

  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const seconds = new Seconds();
