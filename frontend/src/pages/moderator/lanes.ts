/** What each lane is called, how it is sorted, and what it says while it is empty. */
import { m } from '$messages';
import type { Desk } from './desk.svelte';
import type { Item, LaneId } from './items';
import type { Sort } from './orders';

export interface LaneFacts {
  title: () => string;
  /** How it is sorted, in a word. */
  order?: (desk: Desk) => string;
  emptyTitle: (desk: Desk) => string;
  emptyHint: (desk: Desk) => string;
  /** A word above an item's text: what its place means. */
  placeOf?: (desk: Desk, item: Item, index: number) => string | undefined;
}

const SORTED: Record<Exclude<Sort, 'usual'>, () => string> = {
  oldest: m.mod_oldest_first,
  newest: m.mod_newest_first,
  votes: m.mod_most_voted,
  score: m.mod_sort_score,
};

function sortName(desk: Desk, usual: () => string): string {
  return desk.sort === 'usual' ? usual() : SORTED[desk.sort]();
}

export const LANE_FACTS: Record<LaneId, LaneFacts> = {
  handle: {
    title: m.mod_lane_handle,
    order: (desk) => sortName(desk, m.mod_oldest_first),
    emptyTitle: () => m.mod_empty_handle(),
    emptyHint: ({ session }) =>
      session.snapshot?.mode.review === 'before' ? m.mod_empty_handle_before() : m.mod_empty_handle_after(),
  },
  live: {
    title: m.mod_lane_live,
    order: (desk) => sortName(desk, desk.shown === 'question' ? m.mod_most_voted : m.mod_newest_first),
    emptyTitle: () => m.mod_empty_live(),
    emptyHint: () => m.mod_empty_live_hint(),
  },
  host: {
    title: m.mod_lane_host,
    emptyTitle: () => m.mod_empty_host(),
    emptyHint: () => m.mod_empty_host_hint(),
    placeOf: (desk, item, index) => {
      if (item.status === 'answering') return undefined;
      const onAir = desk.item(desk.standing('host').keyAt(0) ?? '')?.status === 'answering';
      const first = onAir ? 1 : 0;
      return index === first ? m.mod_next() : m.mod_then();
    },
  },
  answered: {
    title: m.mod_lane_answered,
    emptyTitle: () => m.mod_empty_answered(),
    emptyHint: () => m.mod_empty_answered_hint(),
  },
  aside: {
    title: m.mod_lane_aside,
    emptyTitle: (desk) => (desk.asideFailed ? m.mod_load_failed() : m.mod_empty_aside()),
    emptyHint: () => m.mod_empty_aside_hint(),
  },
  all: {
    title: m.mod_lane_all,
    order: (desk) => sortName(desk, m.mod_oldest_first),
    emptyTitle: () => m.mod_empty_handle(),
    emptyHint: () => m.mod_empty_handle_after(),
  },
};
