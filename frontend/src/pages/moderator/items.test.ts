import { expect, test } from 'vitest';
import { aQuestion } from '$core/samples';
import { itemOf, matches, underlined, verdictsFor } from './items';

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

test('evidence is underlined where it stands, once, and text is never lost', () => {
  const parts = underlined('WIN at orme.shop now, orme.shop', ['orme.shop', 'win', 'absent']);
  expect(parts.filter((part) => part.marked).map((part) => part.text)).toEqual(['WIN', 'orme.shop']);
  expect(parts.map((part) => part.text).join('')).toBe('WIN at orme.shop now, orme.shop');
});
