/** What each key does: one entry an action; the answer says whether there was something to do. */
import type { Verdict } from '$wire/types';
import { replyDialogOf } from './dialogs';
import { verdictsFor } from './items';
import type { Action } from './keys.svelte';
import type { Place } from './place.svelte';

/** `extending`: with the shift key, which takes what one passes along. */
type Act = (place: Place, extending: boolean) => boolean;

/** What sets an item aside, whatever it is. */
export const AWAY: readonly Verdict[] = ['refuse', 'dismiss', 'remove'];

export const ACTS: Record<Action, Act> = {
  next: (place, extending) => step(place, 1, extending),
  prev: (place, extending) => step(place, -1, extending),
  choose: (place, extending) => {
    const key = place.desk.focused;
    if (key === null) return false;
    if (extending) place.chooseUpTo(key);
    else place.choose(key);
    return true;
  },
  label: (place) => {
    if (!place.desk.focusedItem && place.desk.selection.size === 0) return false;
    place.open('labels');
    return true;
  },
  mine: ({ desk, session }) => {
    const item = desk.focusedItem;
    const me = session.you?.id;
    if (!item || me === undefined || desk.readOnly) return false;
    void desk.assign(item, item.assignee === me ? null : me);
    return true;
  },
  filter: (place) => {
    place.toggleFilters();
    return true;
  },
  announce: (place) => {
    if (place.desk.readOnly) return false;
    place.open('announce');
    return true;
  },
  publish: (place) => decide(place, 'publish'),
  pick: (place) => decide(place, 'pick'),
  answering: (place) => decide(place, 'answering'),
  answered: (place) => decide(place, 'answered'),
  away: (place) => decide(place, ...AWAY),
  restore: (place) => decide(place, 'restore'),
  reply: (place) => {
    const item = place.desk.focusedItem;
    const name = item && replyDialogOf(item);
    if (!name) return false;
    place.open(name);
    return true;
  },
  edit: (place) => {
    const item = place.desk.focusedItem;
    if (!item || !['pending', 'published', 'picked'].includes(item.status)) return false;
    place.open('edit');
    return true;
  },
  same: (place) => settle(place, true),
  apart: (place) => settle(place, false),
  split: ({ desk }) => {
    const joined = desk.focusedItem && desk.ear.joined(desk.focusedItem);
    if (joined) void desk.ear.split(joined.id);
    return Boolean(joined);
  },
  ask: ({ desk }) => {
    const item = desk.focusedItem;
    if (item?.kind === 'message') void desk.ear.ask(item);
    return true;
  },
  place: ({ desk }) => {
    if (desk.focusedItem) void desk.ear.place(desk.focusedItem);
    return true;
  },
  person: (place) => {
    const item = place.desk.focusedItem;
    if (item) place.showPerson(item.author.id);
    return item !== null;
  },
  answer: (place) => {
    const item = place.desk.focusedItem;
    if (item?.kind !== 'question' || place.desk.readOnly) return false;
    place.open('answer');
    return true;
  },
  screen: ({ desk }) => {
    if (!desk.focusedItem || desk.readOnly) return false;
    void desk.toggleScreen(desk.focusedItem);
    return true;
  },
  claim: ({ desk }) => {
    if (!desk.focusedItem || desk.readOnly) return false;
    void desk.claims.toggle(desk.focusedItem);
    return true;
  },
  leave: ({ desk }) => {
    if (desk.claims.awaySince === null) desk.claims.leave();
    else desk.claims.comeBack();
    return true;
  },
  undo: (place) => {
    void place.desk.decisions.undo().then(() => place.focus(place.desk.focused ?? undefined));
    return true;
  },
  news: ({ desk }) => {
    desk.showNews();
    return true;
  },
  shield: (place) => {
    place.held = place.desk.readOnly ? null : 'shield';
    return true;
  },
  slate: (place) => {
    place.held = place.desk.readOnly ? null : 'slate';
    return true;
  },
  sound: (place) => {
    place.muted = !place.muted;
    return true;
  },
  search: (place) => {
    place.searchField?.focus();
    return true;
  },
  help: (place) => {
    place.open('keys');
    return true;
  },
};

function step(place: Place, by: 1 | -1, extending: boolean): boolean {
  place.step(by, extending);
  return true;
}

/** The first of these verdicts that fits what is chosen, or else what is under the keys. */
function decide(place: Place, ...wanted: readonly Verdict[]): boolean {
  if (place.desk.selection.size > 0) {
    void place.decideChosen(wanted);
    return true;
  }
  const item = place.desk.focusedItem;
  if (!item) return false;
  const pickNow = wanted[0] === 'pick' && item.kind === 'question' && item.status === 'pending';
  const verdict = pickNow ? 'pick' : verdictsFor(item).find((each) => wanted.includes(each));
  if (verdict) void place.decide(item, verdict);
  return verdict !== undefined;
}

function settle({ desk }: Place, same: boolean): boolean {
  const proposal = desk.focusedItem && desk.ear.proposal(desk.focusedItem);
  if (proposal) void desk.ear.settle(proposal, same);
  return Boolean(proposal);
}
