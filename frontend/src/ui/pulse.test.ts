import { expect, test } from 'vitest';
import type { CurveTick } from '$wire/types';
import { highestOf, minutesOf, pathOf, rateOf, seriesOf, smooth, TICK_MS, TICKS, withTicks } from './pulse';

const NOW = 1_000 * TICK_MS;

function aTick(back: number, change: Partial<CurveTick> = {}): CurveTick {
  const at = new Date(NOW - (back + 1) * TICK_MS).toISOString();
  return { at, all: { present: 9, counts: {} }, segments: {}, languages: {}, ...change };
}

test('a tap of any kind is a reaction, and stands in its tick', () => {
  const ticks = [aTick(2, { all: { present: 9, counts: { heart: 3, confused: 2, message: 1 } } })];
  const [all] = seriesOf(ticks, NOW, 'reactions', 'all');
  expect(all?.counts).toHaveLength(TICKS);
  expect(all?.counts.slice(-4)).toEqual([0, 5, 0, 0]);
  expect(seriesOf(ticks, NOW, 'confused', 'all')[0]?.counts.slice(-3)).toEqual([2, 0, 0]);
  expect(seriesOf(ticks, NOW, 'present', 'all')[0]?.counts.slice(-3)).toEqual([9, 9, 9]);
});

test('a group that is too small for a while is a gap and not a zero', () => {
  const told = { prospect: { present: 6, counts: { message: 2 } } };
  const ticks = [aTick(3, { segments: told }), aTick(2), aTick(0, { segments: told })];
  const [prospects] = seriesOf(ticks, NOW, 'messages', 'segments');
  expect(prospects?.id).toBe('prospect');
  expect(prospects?.counts.slice(-4)).toEqual([2, null, null, 2]);
});

test('a newer tick takes the place of the one that was known', () => {
  const known = [aTick(2), aTick(1)];
  const fresh = aTick(1, { all: { present: 3, counts: {} } });
  expect(withTicks(known, [fresh, aTick(0)]).map((tick) => tick.all.present)).toEqual([9, 3, 9]);
});

test('a rate per minute is of the last half minute, and minutes are told in sums', () => {
  const counts = Array.from({ length: TICKS }, (_, index) => (index >= TICKS - 15 ? 1 : 0));
  const series = { id: '', counts };
  expect(rateOf(series, 'messages')).toBe(30);
  expect(minutesOf(series, 'messages')).toEqual([0, 0, 0, 0, 15]);
  expect(rateOf({ id: '', counts: counts.map(() => null) }, 'messages')).toBeNull();
});

test('smoothing keeps gaps, and a path lifts the pen over them', () => {
  expect(smooth([3, 0, null, 6])).toEqual([3, 3, null, 3]);
  const counts = Array.from({ length: TICKS }, (_, index) => (index === 10 ? null : 1));
  expect(highestOf([{ id: '', counts }])).toBe(1);
  expect(pathOf({ id: '', counts }, 1, 590, 100).match(/M/g)).toHaveLength(2);
});
