import { expect, test } from 'vitest';
import { aMessage, aQuestion, aSnapshot } from '$core/samples';
import { itemOf, itemsOf, lanesOf, matches, underlined, verdictsFor, withKnown } from './items';

const ids = (items: { id: string }[]): string[] => items.map((item) => item.id);

test('a question moves from lane to lane with its status', () => {
  const statuses = ['pending', 'published', 'picked', 'answering', 'answered', 'dismissed'] as const;
  const items = statuses.map((status) => itemOf('question', aQuestion({ id: status, status })));
  const lanes = lanesOf(items, 'all');
  expect(ids(lanes.handle)).toEqual(['pending']);
  expect(ids(lanes.live)).toEqual(['published']);
  expect(ids(lanes.host)).toEqual(['answering', 'picked']);
  expect(ids(lanes.answered)).toEqual(['answered']);
  expect(ids(lanes.aside)).toEqual(['dismissed']);
});

test('what waits longest is handled first, what is wanted most is read first', () => {
  const items = [
    itemOf('question', aQuestion({ id: 'late', status: 'pending', at: '2026-11-20T19:02:00.000Z' })),
    itemOf('message', aMessage({ id: 'early', status: 'pending', at: '2026-11-20T19:01:00.000Z' })),
    itemOf('question', aQuestion({ id: 'few', votes: 2 })),
    itemOf('question', aQuestion({ id: 'many', votes: 48 })),
  ];
  expect(ids(lanesOf(items, 'all').handle)).toEqual(['early', 'late']);
  expect(ids(lanesOf(items, 'question').live)).toEqual(['many', 'few']);
});

test('looking at the chat alone keeps the questions that the host has', () => {
  const items = [
    itemOf('question', aQuestion({ id: 'picked', status: 'picked' })),
    itemOf('question', aQuestion({ id: 'live' })),
    itemOf('message', aMessage({ id: 'said' })),
  ];
  const lanes = lanesOf(items, 'message');
  expect(ids(lanes.live)).toEqual(['said']);
  expect(ids(lanes.host)).toEqual(['picked']);
});

test('tombstones and merged questions are nothing to handle', () => {
  const items = itemsOf(
    aSnapshot({
      messages: [{ id: 'gone', status: 'removed' }, aMessage()],
      questions: { items: [aQuestion(), aQuestion({ id: 'q2', merged_into: 'q1' })], total: 2 },
    }),
  );
  expect(items.map((item) => item.key)).toEqual(['message:m1', 'question:q1']);
});

test('a search ignores accents and case, and knows names', () => {
  const item = itemOf('question', aQuestion({ text: 'Livrez-vous à Liège avant Noël ?' }));
  expect(matches(item, 'liege noel')).toBe(true);
  expect(matches(item, 'bo')).toBe(true);
  expect(matches(item, 'liege paques')).toBe(false);
});

test('nothing is offered that the contract does not allow', () => {
  expect(verdictsFor({ kind: 'message', status: 'pending' })).toEqual(['publish', 'refuse']);
  expect(verdictsFor({ kind: 'message', status: 'refused' })).toEqual([]);
  expect(verdictsFor({ kind: 'question', status: 'answered' })).toEqual([]);
  expect(verdictsFor({ kind: 'question', status: 'picked' })[0]).toBe('answering');
});

test('what an ack told stands until the snapshot knows more', () => {
  const item = (id: string, revision: number) => itemOf('question', aQuestion({ id, revision }));
  const known = new Map([item('a', 2), item('b', 2), item('gone', 4)].map((each) => [each.key, each]));
  const merged = withKnown([item('a', 1), item('b', 3)], known);
  expect(merged.map((each) => [each.id, each.revision])).toEqual([
    ['a', 2],
    ['b', 3],
    ['gone', 4],
  ]);
});

test('evidence is underlined where it stands, once, and text is never lost', () => {
  const parts = underlined('WIN at orme.shop now, orme.shop', ['orme.shop', 'win', 'absent']);
  expect(parts.filter((part) => part.marked).map((part) => part.text)).toEqual(['WIN', 'orme.shop']);
  expect(parts.map((part) => part.text).join('')).toBe('WIN at orme.shop now, orme.shop');
});
