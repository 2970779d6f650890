import { expect, test } from 'vitest';
import { aMessage } from '$core/samples';
import { arrange } from './arrange';
import { type Item, itemOf } from './items';

const item = (id: string): Item => itemOf('message', aMessage({ id }));
const [a, b, c, d] = [item('a'), item('b'), item('c'), item('d')] as [Item, Item, Item, Item];
const all = new Map([a, b, c, d].map((each) => [each.key, each]));
const find = (key: string): Item | undefined => all.get(key);
const nobody = (): boolean => false;
const ids = (items: readonly Item[]): string[] => items.map((each) => each.id);

test('while nobody is in the lane it shows what there is', () => {
  expect(ids(arrange([c, a], null, find, nobody).visible)).toEqual(['c', 'a']);
});

test('what arrives above a held lane waits and is counted', () => {
  const arranged = arrange([d, c, a, b], [a.key, b.key], find, nobody);
  expect(ids(arranged.visible)).toEqual(['a', 'b']);
  expect(arranged.waiting).toBe(2);
});

test('what somebody else handles stays under the pointer, marked', () => {
  const arranged = arrange([b], [a.key, b.key], find, nobody);
  expect(ids(arranged.visible)).toEqual(['a', 'b']);
  expect([...arranged.gone]).toEqual([a.key]);
});

test('what one decides oneself moves at once, and what one took back returns', () => {
  const own = (key: string): boolean => key === a.key || key === c.key;
  const arranged = arrange([c, b], [a.key, b.key], find, own);
  expect(ids(arranged.visible)).toEqual(['c', 'b']);
  expect(arranged.waiting).toBe(0);
});

test('what was erased meanwhile is gone at once', () => {
  expect(ids(arrange([], [a.key], () => undefined, nobody).visible)).toEqual([]);
});
