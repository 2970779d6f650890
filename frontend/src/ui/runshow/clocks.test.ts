import { expect, test } from 'vitest';
import type { Part, Run } from '$wire/types';
import { partClock, previous, showClock, titleOf, upcoming } from './clocks';

const START_MS = Date.parse('2026-11-20T19:00:00.000Z');
const at = (minute: number): string => new Date(START_MS + minute * 60_000).toISOString();
const run = (from: number, to: number | null): Run => ({ since: at(from), until: to === null ? null : at(to) });
const now = (minute: number): number => START_MS + minute * 60_000;

function part(id: string, minutes: number | null, runs: Run[] = [], change: Partial<Part> = {}): Part {
  return {
    id,
    revision: 1,
    status: 'planned',
    by: { id: 'h', display_name: 'Hélène', role: 'host' },
    titles: { en: id },
    minutes,
    goal: '',
    segments: [],
    script: '',
    public: true,
    runs,
    ...change,
  };
}

test('a part runs over once its minutes are gone, all its turns counted', () => {
  const twice = part('a', 5, [run(0, 3), run(10, null)]);
  expect(partClock(twice, now(11))).toEqual({ elapsed_s: 240, left_s: 60 });
  expect(partClock(twice, now(14)).left_s).toBe(-120);
  expect(partClock(part('b', null, [run(0, null)]), now(1)).left_s).toBeNull();
});

test('the show is behind by what its parts took more, and ahead by what they took less', () => {
  const parts = [part('a', 5, [run(0, 8)]), part('b', 10, [run(8, 14)]), part('c', 5, [run(14, null)]), part('d', 20)];
  expect(showClock(parts, 'c', now(16))).toEqual({ behind_s: -60, to_come_s: 3 * 60 + 20 * 60 });
  expect(showClock(parts, 'c', now(21))).toEqual({ behind_s: 60, to_come_s: 20 * 60 });
});

test('what is skipped does not come, and back leads past it', () => {
  const skipped = part('b', 5, [], { status: 'skipped' });
  const parts = [part('a', 5, [run(0, 5)]), skipped, part('c', 5, [run(5, null)]), part('d', 5)];
  expect(upcoming(parts).map((each) => each.id)).toEqual(['d']);
  expect(previous(parts, 'c')?.id).toBe('a');
  expect(previous(parts, 'a')).toBeNull();
  expect(previous(parts, null)?.id).toBe('c');
});

test('a title is read in one’s own language, else in the show’s first', () => {
  const both = { titles: { en: 'Fitting', fr: 'Essayage' } };
  expect(titleOf(both, 'fr-CA', ['en', 'fr'])).toBe('Essayage');
  expect(titleOf(both, 'pt', ['en', 'fr'])).toBe('Fitting');
  expect(titleOf({ titles: { de: 'Anprobe' } }, 'en', ['en'])).toBe('Anprobe');
  expect(titleOf({ titles: {} }, 'en', ['en'])).toBe('');
});
