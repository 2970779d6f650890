import { expect, test } from 'vitest';
import { layers, shares } from './layers';

function camera(height: number): MediaStreamTrack {
  return { getSettings: () => ({ height }) } as MediaStreamTrack;
}

test('a large picture goes out in three sizes, a small one in one, the smallest first', () => {
  const sizes = (height: number) => layers(camera(height), 2_500_000).map((each) => each.scaleResolutionDownBy);
  expect(sizes(1_080)).toEqual([4, 2, 1]);
  expect(sizes(480)).toEqual([2, 1]);
  expect(sizes(240)).toEqual([undefined]);
  expect(layers(null, 1).map((each) => each.rid)).toEqual(['low', 'mid', 'high']);
});

test.each([1, 2, 3])('the bounds of %i layers are together what was allowed', (count) => {
  const bounds = shares(count, 2_500_000);
  expect(bounds.reduce((sum, each) => sum + each)).toBe(2_500_000);
  expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
});
