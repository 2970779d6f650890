import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClientFrame, Refused } from '../wire/types';
import { type Answer, isDroppable, Outbox } from './outbox';

let online: boolean;
let sent: ClientFrame[];
let keeper: Map<string, string>;
let ids: number;

function anOutbox(): Outbox {
  return new Outbox({
    send: (frame) => {
      if (online) sent.push(frame);
      return online;
    },
    changed: () => undefined,
    keeper: {
      getItem: (key) => keeper.get(key) ?? null,
      setItem: (key, value) => void keeper.set(key, value),
      removeItem: (key) => void keeper.delete(key),
    },
    newId: () => `c${++ids}`,
  });
}

const refused = (id: string, change: Partial<Refused> = {}): Refused => ({
  t: 'refused',
  id,
  code: 'forbidden',
  message: 'No.',
  ...change,
});
const states = (outbox: Outbox): string[] => outbox.entries.map((entry) => `${entry.id} ${entry.state}`);

beforeEach(() => {
  vi.useFakeTimers();
  online = true;
  sent = [];
  keeper = new Map();
  ids = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

test('a command leaves the outbox with its ack, and only then', async () => {
  const outbox = anOutbox();
  const answer = outbox.put('message.post', { text: 'Hello' });
  expect(states(outbox)).toEqual(['c1 sending']);
  outbox.answer({ t: 'ack', id: 'c1', seq: 7, data: {} });
  expect(outbox.entries).toEqual([]);
  expect(await answer).toEqual({ ok: true, ack: { t: 'ack', id: 'c1', seq: 7, data: {} } });
});

test('what was not answered goes out again with its original id, in its order', () => {
  const outbox = anOutbox();
  void outbox.put('message.post', { text: 'one' });
  online = false;
  outbox.pause();
  void outbox.put('message.post', { text: 'two' });
  expect(states(outbox)).toEqual(['c1 waiting', 'c2 waiting']);
  online = true;
  outbox.flush();
  expect(sent.map((frame) => frame.id)).toEqual(['c1', 'c1', 'c2']);
});

test('typed words survive a reload, with their ids, for the same person in the same session', () => {
  online = false;
  const before = anOutbox();
  before.belongsTo('s', 'p1');
  void before.put('message.post', { text: 'one' });
  void before.put('reaction.add', { kind: 'heart', count: 1 });

  online = true;
  const other = anOutbox();
  other.belongsTo('s', 'p2');
  other.flush();
  expect(sent).toEqual([]);

  const after = anOutbox();
  after.belongsTo('s', 'p1');
  after.flush();
  expect(sent).toEqual([{ id: 'c1', type: 'message.post', data: { text: 'one' } }]);
  after.answer({ t: 'ack', id: 'c1', seq: null, data: {} });
  expect(keeper.size).toBe(0);
});

test('what stands in the storage and is not ours does no harm', () => {
  keeper.set('causerie.outbox.s.p1', '{"not": "a list"');
  const outbox = anOutbox();
  outbox.belongsTo('s', 'p1');
  expect(outbox.entries).toEqual([]);
});

test('a refusal stays with the words it was about', async () => {
  const outbox = anOutbox();
  const answer = outbox.put('question.ask', { text: 'Hm' });
  outbox.answer(refused('c1', { code: 'too_long' }));
  expect(states(outbox)).toEqual(['c1 refused']);
  expect(((await answer) as Extract<Answer, { ok: false }>).refused.code).toBe('too_long');
  expect(outbox.drop('c1')?.data).toEqual({ text: 'Hm' });
});

test('a refused tap is answered and gone', async () => {
  const outbox = anOutbox();
  const answer = outbox.put('question.vote', { question_id: 'q1', up: true });
  outbox.answer(refused('c1'));
  expect(outbox.entries).toEqual([]);
  expect((await answer).ok).toBe(false);
});

test('"not so fast" is obeyed and tried again with the same id', () => {
  const outbox = anOutbox();
  void outbox.put('message.post', { text: 'one' });
  outbox.answer(refused('c1', { code: 'rate_limited', retry_after_s: 4 }));
  expect(states(outbox)).toEqual(['c1 waiting']);
  vi.advanceTimersByTime(3_999);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(sent.map((frame) => frame.id)).toEqual(['c1', 'c1']);
});

test('a pause too long to wait for silently is told', () => {
  const outbox = anOutbox();
  void outbox.put('message.post', { text: 'one' });
  outbox.answer(refused('c1', { code: 'slow_mode', retry_after_s: 300 }));
  expect(states(outbox)).toEqual(['c1 refused']);
});

test('words that need a name wait for it and then go out', () => {
  const outbox = anOutbox();
  void outbox.put('message.post', { text: 'one' });
  outbox.answer(refused('c1', { code: 'name_required' }));
  expect(states(outbox)).toEqual(['c1 needs_name']);
  outbox.flush();
  expect(sent).toHaveLength(1);
  outbox.named();
  expect(sent.map((frame) => frame.id)).toEqual(['c1', 'c1']);
});

test('what may have arrived cannot be taken back as if it had not', () => {
  const outbox = anOutbox();
  void outbox.put('message.post', { text: 'one' });
  online = false;
  outbox.pause();
  void outbox.put('message.post', { text: 'two' });
  expect(outbox.entries.map(isDroppable)).toEqual([false, true]);
  expect(outbox.drop('c1')).toBeUndefined();
  expect(outbox.drop('c2')?.id).toBe('c2');
});
