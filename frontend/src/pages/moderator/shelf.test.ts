import { expect, test } from 'vitest';
import { aMessage, anEvent, aQuestion, aSnapshot } from '$core/samples';
import type { Message, Question } from '$wire/types';
import { NO_FILTER, wantedBy } from './filters';
import type { LaneId, Shown } from './items';
import { ordersFor, type Sort } from './orders';
import { type Ranking, Shelf } from './shelf';
import { Standing } from './standing';

const ranking = (shown: Shown = 'all', sort: Sort = 'usual', filter = NO_FILTER, words = ''): Ranking => ({
  wanted: wantedBy(filter, shown, words),
  orders: ordersFor(shown, sort),
  together: true,
});

function aShelf(own: (key: string) => boolean = () => false): { shelf: Shelf; live: Standing } {
  const shelf: Shelf = new Shelf(ranking(), {
    came: (lane, key) => lane === 'live' && live.came(key),
    went: (lane, key, erased) => lane === 'live' && live.went(key, erased),
  });
  const live = new Standing(() => shelf.queue('live').items, own);
  return { shelf, live };
}

const held = (change: Partial<Question>): Question => aQuestion({ status: 'pending', ...change });
const said = (id: string, seq: number, change: Partial<Message> = {}): Message => aMessage({ id, seq, ...change });
const ids = (shelf: Shelf, lane: LaneId): string[] => shelf.queue(lane).items.map((item) => item.id);
const keys = (standing: Standing): (string | undefined)[] =>
  Array.from({ length: standing.length }, (_, at) => standing.keyAt(at));

test('a question moves from lane to lane with its status, and is counted where it stands', () => {
  const { shelf } = aShelf();
  const lanes = { pending: 'handle', published: 'live', picked: 'host', answered: 'answered', dismissed: 'aside' } as const;
  let revision = 0;
  for (const [status, lane] of Object.entries(lanes) as [keyof typeof lanes, LaneId][]) {
    revision += 1;
    shelf.put('question', aQuestion({ status, revision }));
    expect(ids(shelf, lane)).toEqual(['q1']);
    expect(shelf.totals).toMatchObject({ [lane]: 1, all: 1 });
  }
  expect(Object.values(shelf.totals).reduce((a, b) => a + b)).toBe(2);
});

test('a lower revision changes nothing, and what is gone leaves', () => {
  const { shelf } = aShelf();
  shelf.put('question', aQuestion({ status: 'picked', revision: 3 }));
  shelf.take(anEvent('question.changed', { question: aQuestion({ revision: 2 }) }));
  expect(ids(shelf, 'host')).toEqual(['q1']);
  shelf.take(anEvent('question.changed', { question: { id: 'q1', status: 'dismissed' } }));
  expect(shelf.totals.all).toBe(0);
  expect(ids(shelf, 'all')).toEqual([]);
});

test('votes move a question within its lane, and what waits longest is handled first', () => {
  const { shelf } = aShelf();
  shelf.rank(ranking('question'));
  for (const [id, votes] of [['few', 2], ['many', 48]] as const) shelf.put('question', aQuestion({ id, votes }));
  expect(ids(shelf, 'live')).toEqual(['many', 'few']);
  shelf.take(anEvent('vote.tallied', { question_id: 'few', votes: 49 }));
  expect(ids(shelf, 'live')).toEqual(['few', 'many']);
  shelf.put('question', held({ id: 'late', at: '2026-11-20T19:02:00.000Z' }));
  shelf.put('question', held({ id: 'early', at: '2026-11-20T19:01:00.000Z' }));
  expect(ids(shelf, 'handle')).toEqual(['early', 'late']);
});

test('any history of events leaves the queues as sorting all of it would', () => {
  const { shelf } = aShelf();
  const statuses = ['pending', 'published', 'picked', 'answering', 'answered', 'dismissed'] as const;
  let chance = 7;
  const random = (below: number): number => (chance = (chance * 48271) % 2147483647) % below;
  const latest = new Map<string, Question>();
  for (let step = 0; step < 3000; step += 1) {
    const id = `q${random(200)}`;
    const before = latest.get(id);
    if (before && random(3) === 0) {
      const votes = random(50);
      latest.set(id, { ...before, votes });
      shelf.take(anEvent('vote.tallied', { question_id: id, votes }));
      continue;
    }
    const question = aQuestion({
      id,
      status: statuses[random(6)] ?? 'pending',
      revision: (before?.revision ?? 0) + 1,
      votes: random(50),
      at: `2026-11-20T19:${String(10 + random(49))}:00.000Z`,
    });
    latest.set(id, question);
    shelf.take(anEvent('question.changed', { question }));
  }
  const orders = ordersFor('all', 'usual');
  for (const lane of ['handle', 'live', 'host', 'answered', 'aside', 'all'] as const) {
    const items = [...shelf.queue(lane).items];
    expect(items).toEqual(items.toSorted(orders[lane]));
  }
  expect(shelf.queue('all').length).toBe(latest.size);
});

test('a guess shows at once, gives way to the server and comes back if refused', () => {
  const { shelf } = aShelf();
  shelf.put('question', held({}));
  shelf.guess('question:q1', 'published', 1);
  expect(ids(shelf, 'live')).toEqual(['q1']);
  shelf.unguess('question:q1');
  expect(ids(shelf, 'handle')).toEqual(['q1']);
  shelf.guess('question:q1', 'published', 1);
  shelf.take(anEvent('question.changed', { question: aQuestion({ status: 'dismissed', revision: 2 }) }));
  expect(ids(shelf, 'aside')).toEqual(['q1']);
});

test('the filter “after-sales, mine, French” lets exactly those through', () => {
  const { shelf } = aShelf();
  const marked = { labels: ['after-sales'], assignee: 'me', language: 'fr' };
  shelf.put('question', aQuestion({ id: 'yes', ...marked }));
  shelf.put('question', aQuestion({ id: 'regional', ...marked, language: 'fr-BE' }));
  shelf.put('question', aQuestion({ id: 'english', ...marked, language: 'en' }));
  shelf.put('question', aQuestion({ id: 'theirs', ...marked, assignee: 'other' }));
  shelf.put('question', aQuestion({ id: 'bare', language: 'fr', assignee: 'me' }));
  const filter = { ...NO_FILTER, label: 'after-sales', assignee: 'me', language: 'fr' };
  shelf.rank(ranking('all', 'oldest', filter));
  expect(ids(shelf, 'live')).toEqual(['regional', 'yes']);
  shelf.take(anEvent('subject.marked', { subject: { kind: 'question', id: 'bare' }, marks: marked }));
  shelf.take(anEvent('subject.marked', { subject: { kind: 'question', id: 'yes' }, marks: {} }));
  expect(ids(shelf, 'live')).toEqual(['bare', 'regional']);
  expect(shelf.totals.live).toBe(5);
});

test('what was merged stands under its root alone, and again when it is split', () => {
  const { shelf } = aShelf();
  shelf.put('question', aQuestion({ id: 'q2' }));
  const joined = { into: aQuestion(), question: aQuestion({ id: 'q2', merged_into: 'q1', revision: 2 }) };
  shelf.take(anEvent('question.merged', joined));
  expect(ids(shelf, 'live')).toEqual(['q1']);
  shelf.take(anEvent('question.split', { question: aQuestion({ id: 'q2', revision: 3 }) }));
  expect(ids(shelf, 'live')).toEqual(['q2', 'q1']);
});

test('a name changes wherever its bearer wrote', () => {
  const { shelf } = aShelf();
  shelf.put('question', aQuestion());
  shelf.take(anEvent('participant.changed', { participant: { id: 'p2', display_name: 'Bea', role: 'viewer' } }));
  expect(shelf.find('question:q1')?.author.display_name).toBe('Bea');
});

test('after a fresh snapshot only what is told again stays', () => {
  const { shelf } = aShelf();
  shelf.put('question', aQuestion({ id: 'gone' }));
  shelf.replace(aSnapshot({ questions: { items: [aQuestion()], total: 1 } }));
  expect(ids(shelf, 'live')).toEqual(['q1', 'gone']);
  shelf.settle();
  expect(ids(shelf, 'live')).toEqual(['q1']);
});

test('old chat lines leave, those that wait stay', () => {
  const { shelf } = aShelf();
  shelf.put('message', said('waits', 0, { status: 'pending' }));
  for (let seq = 1; seq <= 2600; seq += 1) shelf.put('message', said(`m${seq}`, seq));
  expect(shelf.totals.live).toBeLessThan(2600);
  expect(shelf.find('message:m2600')).toBeDefined();
  expect(ids(shelf, 'handle')).toEqual(['waits']);
});

test('while nobody is in the lane it shows what there is; held, what arrives waits and is counted', () => {
  const { shelf, live } = aShelf();
  shelf.put('message', said('a', 1));
  expect(keys(live)).toEqual(['message:a']);
  live.hold();
  shelf.put('message', said('b', 2));
  expect([keys(live), live.waiting]).toEqual([['message:a'], 1]);
  shelf.drop('message:b');
  expect(live.waiting).toBe(0);
  shelf.put('message', said('c', 3));
  live.hold();
  expect([keys(live), live.waiting]).toEqual([['message:c', 'message:a'], 0]);
});

test('what somebody else handles stays under the pointer, marked; what was erased is gone at once', () => {
  const { shelf, live } = aShelf();
  shelf.put('question', aQuestion());
  shelf.put('question', aQuestion({ id: 'q2' }));
  live.hold();
  shelf.put('question', aQuestion({ status: 'picked', revision: 2 }));
  expect(keys(live)).toEqual(['question:q2', 'question:q1']);
  expect([...live.gone]).toEqual(['question:q1']);
  shelf.put('question', aQuestion({ revision: 3 }));
  expect([...live.gone]).toEqual([]);
  shelf.drop('question:q2');
  expect(keys(live)).toEqual(['question:q1']);
});

test('what one decides oneself moves at once, and what one took back returns', () => {
  const { shelf, live } = aShelf(() => true);
  shelf.put('question', aQuestion());
  shelf.put('question', aQuestion({ id: 'q2' }));
  live.hold();
  shelf.guess('question:q2', 'picked', 1);
  expect(keys(live)).toEqual(['question:q1']);
  shelf.unguess('question:q2');
  expect(keys(live)).toEqual(['question:q2', 'question:q1']);
});
