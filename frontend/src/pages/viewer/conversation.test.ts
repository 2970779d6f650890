import { describe, expect, test, vi } from 'vitest';
import type { Entry } from '$core/outbox';
import { aMessage, aQuestion } from '$core/samples';
import type { HeldMessage, HeldQuestion, Question } from '$wire/types';
import { cardsOf } from './asked';
import { matching, speaksTo, typedMention } from './mentions';
import { CROWD, Rising } from './rising';
import { rowsOf } from './rows';
import { Taps } from './taps.svelte';

describe('a name in a text', () => {
  test.each([
    ['@Ada look', true],
    ['well, @ada!', true],
    ['@Adalbert', false],
    ['mail@ada', false],
    ['Ada without the sign', false],
    ['first @Adalbert then @Ada', true],
  ])('%s', (text, calls) => {
    expect(speaksTo(text, 'Ada')).toBe(calls);
  });

  test('nobody is called who has no name', () => {
    expect(speaksTo('@null @', null)).toBe(false);
  });

  test('what is typed after the sign is what is looked for', () => {
    expect(typedMention('hello @ad', 9)).toEqual({ start: 6, typed: 'ad' });
    expect(typedMention('me@ad', 5)).toBeNull();
    expect(matching(['Ada', 'Bo', 'adrien'], 'AD')).toEqual(['Ada', 'adrien']);
  });
});

describe('the rows of the discussion', () => {
  const at = (minute: number): string => `2026-11-20T19:0${minute}:00.000Z`;
  const entry = (id: string, text: string): Entry =>
    ({ id, type: 'message.post', data: { text }, at: 0, state: 'waiting' }) as Entry;

  test('one’s held message stands where it was written, the unsent one at the end', () => {
    const messages = [aMessage({ id: 'a', at: at(1) }), aMessage({ id: 'b', at: at(3) })];
    const held = { kind: 'message', ...aMessage({ id: 'h', at: at(2), status: 'pending' }) } as HeldMessage;
    const rows = rowsOf(messages, [held], [entry('c1', 'later')], []);
    expect(rows.map((row) => row.key)).toEqual(['a', 'h', 'b', 'c1']);
  });

  test('what a muted person writes is not there, what is removed is a stone', () => {
    const messages = [aMessage({ id: 'a' }), { id: 'b', status: 'removed' as const }];
    expect(rowsOf(messages, [], [], ['p2']).map((row) => row.kind)).toEqual(['removed']);
  });

  test('a line that is a question stands among the questions', () => {
    expect(rowsOf([], [], [entry('c1', '/q Blue?')], [])).toEqual([]);
    const reader = { id: 'p1', ended: false, sort: 'votes' as const, votesOf: () => 0 };
    expect(cardsOf([], [], [entry('c1', '/q Blue?')], reader)).toMatchObject([{ text: 'Blue?' }]);
  });
});

describe('the cards of the questions', () => {
  const reader = {
    id: 'p1',
    ended: false,
    sort: 'votes' as const,
    votesOf: (question: Question) => question.votes,
  };

  test('one’s own that wait first, then by stage, then by votes; the merged ones are left out', () => {
    const held = { kind: 'question', ...aQuestion({ id: 'h', status: 'pending' }) } as HeldQuestion;
    const questions = [
      aQuestion({ id: 'a', votes: 1, seq: 1 }),
      aQuestion({ id: 'b', votes: 5, seq: 2 }),
      aQuestion({ id: 'c', status: 'answered', votes: 9, seq: 3 }),
      aQuestion({ id: 'd', status: 'picked', seq: 4 }),
      aQuestion({ id: 'e', status: 'answering', seq: 5 }),
      aQuestion({ id: 'f', merged_into: 'b', seq: 6 }),
      { id: 'g', status: 'dismissed' as const },
    ];
    const keys = cardsOf(questions, [held], [], reader).map((card) => card.key);
    expect(keys).toEqual(['h', 'd', 'b', 'a', 'c']);
  });

  test('newest first where that is wanted', () => {
    const questions = [aQuestion({ id: 'a', votes: 9, seq: 1 }), aQuestion({ id: 'b', seq: 2 })];
    const keys = cardsOf(questions, [], [], { ...reader, sort: 'new' }).map((card) => card.key);
    expect(keys).toEqual(['b', 'a']);
  });
});

describe('reactions', () => {
  const totals = (heart: number): never => ({ present: 1, typing: 0, reactions: { heart } }) as never;

  test('taps go out together, and all of them', () => {
    vi.useFakeTimers();
    const sent: number[] = [];
    const taps = new Taps((_kind, count) => sent.push(count));
    for (let i = 0; i < 47; i += 1) taps.tap('heart');
    vi.advanceTimersByTime(5_000);
    expect(sent).toEqual([20, 20, 7]);
    vi.useRealTimers();
  });

  test('those of others rise, one’s own rise once', () => {
    vi.useFakeTimers();
    const taps = new Taps(() => undefined);
    const risen: number[] = [];
    taps.shower = (_kind, count) => risen.push(count);
    taps.hear(totals(10));
    taps.tap('heart');
    vi.advanceTimersByTime(500);
    taps.hear(totals(14));
    expect(risen).toEqual([1, 3]);
    vi.useRealTimers();
  });

  test('a storm is drawn as a crowd that stays bounded, and passes', () => {
    const rising = new Rising(() => 0.5);
    for (let i = 0; i < 100; i += 1) rising.add('heart', 12, 0);
    expect(rising.at(5).length).toBeLessThanOrEqual(CROWD);
    rising.at(60_000);
    expect(rising.busy).toBe(false);
  });
});
