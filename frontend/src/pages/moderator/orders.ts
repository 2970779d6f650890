/** In which order each lane is worked. Pure. */
import type { Item, LaneId, Shown } from './items';
import type { Order } from './queue';

/** `usual`: what each lane is for; the others hold for every lane but the host's. */
export type Sort = 'usual' | 'oldest' | 'newest' | 'votes' | 'score';
export const SORTS: readonly Sort[] = ['usual', 'oldest', 'newest', 'votes', 'score'];

/** By code units: these are identifiers and times, of which a locale knows nothing. */
const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const oldest: Order = (a, b) => compare(a.at, b.at) || compare(a.key, b.key);
const newest: Order = (a, b) => (b.seq ?? 0) - (a.seq ?? 0) || compare(b.at, a.at) || compare(b.key, a.key);
const latest: Order = (a, b) => -oldest(a, b);
const wanted: Order = (a, b) => (b.votes ?? 0) - (a.votes ?? 0) || oldest(a, b);
const suspect: Order = (a, b) => (b.score ?? 0) - (a.score ?? 0) || oldest(a, b);
const likeliest: Order = (a, b) => (b.hints?.question ?? 0) - (a.hints?.question ?? 0) || oldest(a, b);

/** What is on air first, then what was picked, in the order it was picked. */
const forHost: Order = (a, b) =>
  Number(b.status === 'answering') - Number(a.status === 'answering') ||
  compare(a.picked_at ?? a.at, b.picked_at ?? b.at) ||
  oldest(a, b);
const latestAnswer: Order = (a, b) =>
  compare(b.answered_at ?? b.at, a.answered_at ?? a.at) || oldest(a, b);

const CHOSEN: Record<Exclude<Sort, 'usual'>, Order> = { oldest, newest: latest, votes: wanted, score: suspect };

export function ordersFor(shown: Shown, sort: Sort): Record<LaneId, Order> {
  const chosen = sort === 'usual' ? undefined : CHOSEN[sort];
  const byVotes = shown === 'question' || shown.startsWith('desk:');
  return {
    handle: chosen ?? (shown === 'likely' ? likeliest : oldest),
    live: chosen ?? (shown === 'likely' ? likeliest : byVotes ? wanted : newest),
    host: forHost,
    answered: chosen ?? latestAnswer,
    aside: chosen ?? newest,
    all: chosen ?? (shown === 'likely' ? likeliest : oldest),
  };
}

/** Whether `item` stands where this lane shows only questions, whatever one looks at elsewhere. */
export function isForHost(item: Pick<Item, 'status'>): boolean {
  return ['picked', 'answering', 'answered'].includes(item.status);
}
