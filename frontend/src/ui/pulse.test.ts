import { expect, test } from 'vitest';
import { BUCKET_MS, BUCKETS, pathOf, perMinute, PulseHistory, smooth } from './pulse';

const NOW = 1_000 * BUCKET_MS;

function countsOf(history: PulseHistory, id: string): readonly (number | null)[] {
  return history.series(NOW).find((series) => series.id === id)?.counts ?? [];
}

test('only what the totals grew by while one watched is counted', () => {
  const history = new PulseHistory();
  history.reactions(400, NOW - BUCKET_MS);
  history.reactions(405, NOW);
  history.reactions(411, NOW);
  expect(countsOf(history, 'reactions').slice(-2)).toEqual([0, 11]);
});

test('a moment nobody observed is a gap and not a zero', () => {
  const history = new PulseHistory();
  history.seen(NOW - 2 * BUCKET_MS);
  history.count('messages', NOW);
  expect(countsOf(history, 'messages').slice(-3)).toEqual([0, null, 1]);
  expect(countsOf(history, 'messages')).toHaveLength(BUCKETS);
});

test('a total that falls, after a new beginning, is not counted as negative', () => {
  const history = new PulseHistory();
  history.reactions(50, NOW);
  history.reactions(0, NOW);
  history.reactions(2, NOW);
  expect(countsOf(history, 'reactions').at(-1)).toBe(2);
});

test('a rate per minute is drawn from the last half minute', () => {
  const counts = Array.from({ length: BUCKETS }, (_, index) => (index >= BUCKETS - 15 ? 1 : 100));
  expect(perMinute({ id: 'messages', counts })).toBe(30);
});

test('smoothing keeps gaps, and a path lifts the pen over them', () => {
  expect(smooth([3, 0, null, 6])).toEqual([3, 3, null, 3]);
  const counts = Array.from({ length: BUCKETS }, (_, index) => (index === 10 ? null : 1));
  expect(pathOf({ id: 'messages', counts }, 590, 100).match(/M/g)).toHaveLength(2);
});
