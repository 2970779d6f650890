import { expect, test } from 'vitest';
import { aQuestion, aSnapshot } from '$core/samples';
import { showOf } from './show';

const EARLY = '2026-11-20T19:01:00.000Z';
const LATE = '2026-11-20T19:02:00.000Z';

test('what was picked first comes next, and what was on air before comes last', () => {
  const show = showOf(
    aSnapshot({
      questions: {
        items: [
          aQuestion({ id: 'again', status: 'picked', picked_at: EARLY, answering_at: EARLY }),
          aQuestion({ id: 'second', status: 'picked', picked_at: LATE }),
          aQuestion({ id: 'first', status: 'picked', picked_at: EARLY }),
          aQuestion({ id: 'now', status: 'answering' }),
        ],
        total: 4,
      },
    }),
  );
  expect(show.now?.id).toBe('now');
  expect(show.picked.map((question) => question.id)).toEqual(['first', 'second', 'again']);
});

test('what nobody picked is offered by its votes, merged questions under their root alone', () => {
  const show = showOf(
    aSnapshot({
      questions: {
        items: [
          aQuestion({ id: 'few', votes: 3 }),
          aQuestion({ id: 'many', votes: 30 }),
          aQuestion({ id: 'merged', votes: 99, merged_into: 'many' }),
          { id: 'gone', status: 'dismissed' },
        ],
        total: 4,
      },
    }),
  );
  expect(show.now).toBeNull();
  expect(show.wanted.map((question) => question.id)).toEqual(['many', 'few']);
});
