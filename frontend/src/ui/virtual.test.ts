import { expect, test } from 'vitest';
import { indexAt, offsetsOf } from './virtual';

const offsets = offsetsOf([10, 20, 30], (height) => height);

test('each row begins where those before it end, and the last entry is the height of all', () => {
  expect([...offsets]).toEqual([0, 10, 30, 60]);
});

test('a position is found in the row it lies in, and outside in the nearest', () => {
  expect([-5, 0, 9.5, 10, 29, 30, 59, 400].map((at) => indexAt(offsets, at))).toEqual([
    0, 0, 0, 1, 1, 2, 2, 2,
  ]);
});

test('an empty list has a height of nothing', () => {
  const none = offsetsOf<number>([], () => 1);
  expect([...none]).toEqual([0]);
  expect(indexAt(none, 100)).toBe(0);
});
