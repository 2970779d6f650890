import './team';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EventsFrame, Message, Snapshot } from '../wire/types';
import { fold } from './reducer';
import { aMessage, anEvent, aQuestion, aSnapshot } from './samples';

interface Golden {
  name: string;
  start: Snapshot;
  start_head: number;
  frames: EventsFrame[];
  end: Snapshot;
  end_head: number;
}

const GOLDEN = new URL('../../../tests/golden/', import.meta.url);

describe('snapshot + events = later snapshot, as the server folds it', () => {
  const files = existsSync(GOLDEN) ? readdirSync(GOLDEN).filter((file) => file.endsWith('.json')) : [];

  test('there are golden files to fold', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)('%s', (file) => {
    const golden = JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')) as Golden;
    let state = golden.start;
    let position = golden.start_head;
    for (const frame of golden.frames) {
      expect(frame.after).toBe(position);
      state = fold(state, frame.events);
      position = frame.upto;
    }
    expect(position).toBe(golden.end_head);
    expect(state).toEqual(golden.end);
  });
});

const texts = (snapshot: Snapshot): string[] =>
  snapshot.messages.map((item) => ('text' in item ? item.text : `(${item.status})`));

describe('messages', () => {
  test('the window holds the 50 latest, tombstones counted', () => {
    let state = aSnapshot();
    const published = Array.from({ length: 60 }, (_, i) => aMessage({ id: `m${i}`, text: `${i}` }));
    state = fold(state, published.map((message) => anEvent('message.published', { message })));
    state = fold(state, [anEvent('message.removed', { message: { id: 'm59', status: 'removed' } })]);
    expect(state.messages).toHaveLength(50);
    expect(texts(state).at(0)).toBe('10');
    expect(texts(state).at(-1)).toBe('(removed)');
  });

  test('a restored one stands where it stood', () => {
    const start = aSnapshot({ messages: [{ id: 'm1', status: 'removed' }, aMessage({ id: 'm2' })] });
    const message = aMessage({ id: 'm1', revision: 3, text: 'back' });
    const state = fold(start, [anEvent('message.published', { message, place: 4 })]);
    expect(texts(state)).toEqual(['back', 'Good evening']);
  });

  test('a restored one from before the window does not enter it', () => {
    const start = aSnapshot({ messages: [aMessage({ id: 'm2' })] });
    const message = aMessage({ id: 'm1' });
    expect(fold(start, [anEvent('message.published', { message, place: 4 })]).messages).toHaveLength(1);
  });

  test('a lower revision changes nothing', () => {
    const start = aSnapshot({ messages: [aMessage({ revision: 3, text: 'now' })] });
    const message = aMessage({ revision: 2, text: 'then' });
    expect(texts(fold(start, [anEvent('message.edited', { message })]))).toEqual(['now']);
  });

  test('what is untouched stays the same object', () => {
    const start = aSnapshot({ messages: [aMessage()] });
    const state = fold(start, [anEvent('vote.tallied', { question_id: 'q9', votes: 3 })]);
    expect(state.messages).toBe(start.messages);
    expect(state.questions).toBe(start.questions);
  });
});

describe('what is one’s own', () => {
  const mine = (change: Partial<Message>): Message =>
    aMessage({ author: { id: 'p1', display_name: 'Ada', role: 'viewer' }, ...change });

  test('a held message is told to its author, and leaves with its publication', () => {
    const held = fold(aSnapshot(), [anEvent('message.held', { message: mine({ status: 'pending' }) })]);
    expect(held.you.mine).toMatchObject([{ kind: 'message', id: 'm1', status: 'pending' }]);
    const published = fold(held, [anEvent('message.published', { message: mine({ revision: 2 }) })]);
    expect(published.you.mine).toEqual([]);
    expect(texts(published)).toEqual(['Good evening']);
  });

  test('a refused one stays, with its reasons', () => {
    const reasons = [{ code: 'link', text: 'Links are off.' }];
    const state = fold(aSnapshot(), [
      anEvent('message.held', { message: mine({ status: 'pending' }) }),
      anEvent('message.refused', { message: mine({ status: 'refused', revision: 2, reasons }) }),
    ]);
    expect(state.you.mine).toMatchObject([{ status: 'refused', reasons }]);
  });

  test('a ballot is cast and taken back', () => {
    const cast = fold(aSnapshot(), [anEvent('ballot.cast', { question_id: 'q1', up: true })]);
    expect(cast.you.votes).toEqual(['q1']);
    const back = fold(cast, [anEvent('ballot.cast', { question_id: 'q1', up: false })]);
    expect(back.you.votes).toEqual([]);
  });

  test('the author of a dismissed question keeps its words, others a stone', () => {
    const author = { id: 'p1', display_name: 'Ada', role: 'viewer' } as const;
    const start = aSnapshot({ questions: { items: [aQuestion({ author })], total: 1 } });
    const dismissed = aQuestion({ author, revision: 2, status: 'dismissed' });
    const state = fold(start, [anEvent('question.changed', { question: dismissed })]);
    expect(state.questions.items).toEqual([{ id: 'q1', status: 'dismissed' }]);
    expect(state.you.mine).toMatchObject([{ kind: 'question', status: 'dismissed' }]);
    const restored = fold(state, [
      anEvent('question.changed', { question: aQuestion({ author, revision: 3 }) }),
    ]);
    expect(restored.you.mine).toEqual([]);
  });
});

describe('the team', () => {
  test('counts what waits, once each', () => {
    const start = aSnapshot({ held: { items: [], total: 0 } });
    const message = aMessage({ status: 'pending' });
    const held = fold(start, [
      anEvent('message.held', { message }),
      anEvent('message.held', { message: { ...message, revision: 2 } }),
    ]);
    expect(held.held?.total).toBe(1);
    const gone = fold(held, [anEvent('message.refused', { message: { ...message, revision: 3, status: 'refused' } })]);
    expect(gone.held).toEqual({ items: [], total: 0 });
  });
});

test('a new name shows wherever it stands', () => {
  const start = aSnapshot({ messages: [aMessage()], questions: { items: [aQuestion()], total: 1 } });
  const state = fold(start, [
    anEvent('participant.changed', { participant: { id: 'p2', role: 'viewer', display_name: 'Béa' } }),
  ]);
  expect(state.messages[0]).toMatchObject({ author: { display_name: 'Béa' } });
  expect(state.questions.items[0]).toMatchObject({ author: { display_name: 'Béa' } });
});

test('events of a later version are ignored', () => {
  const start = aSnapshot();
  expect(fold(start, [{ seq: 1, type: 'something.new', at: '', data: {} } as never])).toEqual(start);
});
