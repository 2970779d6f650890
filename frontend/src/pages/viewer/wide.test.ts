import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Viewer } from './viewer.svelte';
import { widen } from './wide';

const asked = vi.hoisted(() => [] as { slug: string; seats: number }[]);

vi.mock('$core/media/whep', () => ({
  WhepPlayer: class {
    constructor(options: { slug: string; seats: number }) {
      asked.push(options);
    }
    start(): void {}
  },
}));

/** One of so many who watch; `call`: of who is on stage. */
function watching(present: number, call?: object): Viewer {
  return {
    slug: 's',
    picture: { state: 'playing', streams: [], player: {} },
    session: { pulse: { present }, snapshot: { you: { call } } },
  } as unknown as Viewer;
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
});

afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test.each([
  [0.1, 20, 20],
  [0.5, 20, 100],
  [0.5, 400, 2_000],
  [0.999, 100_000, 4_995],
])('an audience comes for the guest in its own time (random %d, %d present: %d ms)', (value, present, wait_ms) => {
  vi.spyOn(Math, 'random').mockReturnValue(value);
  widen(watching(present));
  vi.advanceTimersByTime(wait_ms - 1);
  expect(asked.length).toBe(0);
  vi.advanceTimersByTime(2);
  expect(asked).toMatchObject([{ slug: 's', seats: 4 }]);
});

test('who is on stage sees the others at once, however many watch', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.9);
  widen(watching(10_000, { status: 'on_air' }));
  vi.advanceTimersByTime(0);
  expect(asked.length).toBe(1);
});

test('a second guest meanwhile is no second reason, and a show that ended is none', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const viewer = watching(400);
  widen(viewer);
  widen(viewer);
  vi.advanceTimersByTime(3_000);
  expect(asked.length).toBe(1);
  widen(viewer);
  viewer.picture.state = 'closed';
  vi.advanceTimersByTime(3_000);
  expect(asked.length).toBe(1);
});
