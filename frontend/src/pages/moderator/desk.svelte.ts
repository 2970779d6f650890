/**
 * A moderator's desk: the lanes as they are now, with what this person has just decided already in
 * its place. The server's word corrects it; a refusal puts the item back and says why.
 */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { m } from '$messages';
import { getLocale } from '$runtime';
import { call } from '$core/http';
import { isWhole } from '$core/reducer';
import type { Session } from '$core/session.svelte';
import type { AckData, Decision, Message, Question, Refused, SetListening, SetMode, SubjectKind, Verdict } from '$wire/types';
import { age } from '$ui/format';
import { lastDecisionBy } from '$ui/decisions';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';
import { Claims } from './claims.svelte';
import { EarDesk } from './ear.svelte';
import { type Item, itemOf, itemsOf, keyOf, laneOf, type LaneId } from './items';
import { lanesOf, matches, type Shown } from './items';
import { chosenShield } from './rules';
import { type Status, statusAfter, withKnown } from './items';

const PAGE = 100;

interface Guess {
  readonly status: Status;
  /** The revision that was decided on: a later one is the server's own word. */
  readonly revision: number;
}

/** Decisions in quick succession leave one toast: the last, with its undo. */
const DECIDED = 'decided';

export class Desk {
  shown = $state<Shown>('all');
  search = $state('');
  /** The item under the keys, by `Item.key`. */
  focused = $state<string | null>(null);
  asideFailed = $state(false);

  /** Raised when the moderator asks for what waits above. */
  newsAsked = $state(0);
  /** What each lane shows now, from top to bottom: the way that the keys walk. */
  readonly order: Partial<Record<LaneId, readonly string[]>> = {};

  readonly #guesses = new SvelteMap<string, Guess>();
  /** What acks and pages have told beyond the snapshot: newer revisions, and what was set aside. */
  readonly #known = new SvelteMap<string, Item>();
  readonly #moved = new SvelteSet<string>();
  /** Decisions that acks named, oldest first, and those that were taken back since. */
  #mine: readonly string[] = [];
  #undone: readonly string[] = [];

  readonly claims: Claims;
  readonly ear: EarDesk;

  constructor(readonly session: Session) {
    this.claims = new Claims(session);
    this.ear = new EarDesk(session);
  }

  readonly #items = $derived.by(() => {
    const snapshot = this.session.snapshot;
    if (!snapshot) return [];
    return withKnown(itemsOf(snapshot), this.#known).map((item) => {
      const guess = this.#guesses.get(item.key);
      return guess && guess.revision >= item.revision ? { ...item, status: guess.status } : item;
    });
  });

  readonly #found = $derived(
    this.search.trim() ? this.#items.filter((item) => matches(item, this.search)) : this.#items,
  );
  readonly lanes = $derived(lanesOf(this.#found, this.shown));
  readonly focusedItem = $derived(this.#items.find((item) => item.key === this.focused) ?? null);
  readonly readOnly = $derived.by(() => this.session.snapshot?.session.state === 'ended');

  /** How many there are, beyond what is in sight: the server counts everything that waits. */
  readonly waiting = $derived.by(() =>
    Math.max(this.session.snapshot?.held?.total ?? 0, this.lanes.handle.length),
  );

  /** Whether a chat line has become a question. */
  isAsked(item: Item): boolean {
    return this.#items.some((each) => each.from_message === item.id && each.status !== 'dismissed');
  }

  /** Turns dials; the server's answer is in the snapshot. */
  async setListening(change: SetListening): Promise<Refused | null> {
    const answer = await this.session.send('listening.set', change);
    return answer.ok ? null : answer.refused;
  }

  item(key: string): Item | undefined {
    return this.#items.find((item) => item.key === key);
  }

  /** Whether this person has moved the item, or is at it: it need not wait to be shown. */
  readonly isOwn = (key: string): boolean => this.#moved.has(key) || key === this.focused;

  laneOf(key: string): LaneId | null {
    const item = this.item(key);
    return item ? laneOf(item.status) : null;
  }

  /** Decides on what is seen: shown at once, taken back if the server says no. */
  async decide(item: Item, verdict: Verdict): Promise<void> {
    if (this.readOnly) return;
    if (verdict === 'pick' && item.status === 'pending') {
      // Only what is published can be picked: two decisions, each of which can be undone.
      await this.decide(item, 'publish');
      const published = this.item(item.key);
      if (published?.status === 'published') await this.decide(published, 'pick');
      return;
    }
    const { revision } = item;
    this.#moved.add(item.key);
    this.#guesses.set(item.key, { status: statusAfter(verdict), revision });
    const subject = { kind: item.kind, id: item.id };
    const answer = await this.session.send('moderation.decide', { subject, revision, verdict });
    this.#guesses.delete(item.key);
    if (!answer.ok) {
      this.#explain(item, answer.refused);
      return;
    }
    const { decision } = answer.ack.data;
    const told = subjectOf(answer.ack.data);
    if (told) this.#keep(item.kind, told);
    if (decision) {
      this.#mine = [...this.#mine, decision.id];
      const action = { label: m.ui_undo(), run: () => void this.undo(decision.id) };
      toasts.show(done(verdict), 'plain', action, DECIDED);
    }
  }

  /** Takes back this decision, or the last one of one's own that still stands. */
  async undo(decision_id = this.#lastOfMine()): Promise<void> {
    if (decision_id === undefined) {
      toasts.show(m.mod_undo_nothing());
      return;
    }
    this.#mine = this.#mine.filter((id) => id !== decision_id);
    this.#undone = [...this.#undone, decision_id];
    const answer = await this.session.send('moderation.undo', { decision_id });
    if (!answer.ok) {
      toasts.show(sentence(answer.refused), 'bad');
      return;
    }
    const { decision } = answer.ack.data;
    const told = subjectOf(answer.ack.data);
    if (decision && told) {
      this.#keep(decision.subject.kind, told);
      this.focused = keyOf({ kind: decision.subject.kind, id: told.id });
    }
    toasts.show(m.mod_undone(), 'good', undefined, DECIDED);
  }

  /** The decision by which an item came to be what it is, if the team's memory still has it. */
  lastDecisionOn(item: Item): string | undefined {
    return this.#lastOn(item)?.id;
  }

  #lastOn(item: Item): Decision | undefined {
    return this.session.snapshot?.decisions?.findLast(
      (each) => each.subject.id === item.id && each.subject.kind === item.kind,
    );
  }

  /** Loads what was refused, removed or dismissed, once somebody looks for it. */
  async loadAside(): Promise<void> {
    const base = `/sessions/${encodeURIComponent(this.session.slug)}`;
    const wanted: [SubjectKind, string][] = [
      ['message', 'refused'],
      ['message', 'removed'],
      ['question', 'dismissed'],
    ];
    const pages = await Promise.all(
      wanted.map(async ([kind, status]) => {
        const query = `${base}/${kind}s?status=${status}&limit=${PAGE}`;
        return { kind, page: await call<{ items: (Message | Question)[] }>(query) };
      }),
    );
    this.asideFailed = pages.some(({ page }) => !page.ok);
    for (const { kind, page } of pages) {
      if (!page.ok) continue;
      for (const subject of page.value.items) if (isWhole(subject)) this.#keep(kind, subject);
    }
  }

  async edit(item: Item, text: string): Promise<Refused | null> {
    const { revision, id } = item;
    const answer =
      item.kind === 'message'
        ? await this.session.send('message.edit', { message_id: id, revision, text })
        : await this.session.send('question.edit', { question_id: id, revision, text });
    return answer.ok ? null : answer.refused;
  }

  async reply(item: Item, text: string): Promise<Refused | null> {
    const answer = await this.session.send('message.post', { text, reply_to: item.id });
    return answer.ok ? null : answer.refused;
  }

  async setMode(change: SetMode): Promise<void> {
    const answer = await this.session.send('mode.set', change);
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    else if (change.review) {
      toasts.show(change.review === 'before' ? m.mod_review_is_before() : m.mod_review_is_after());
    }
  }

  /** Raises the shield with the set chosen on this device, or lowers it. */
  async setShield(on: boolean, reason?: string): Promise<void> {
    const answer = await this.session.send(
      'shield.set',
      on ? { on, rules: chosenShield(), ...(reason ? { reason } : {}) } : { on },
    );
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    else if (!on) toasts.show(m.mod_shield_is_down(), 'good');
  }

  isOnScreen(item: Item): boolean {
    const shown = this.session.snapshot?.screen;
    return shown?.id === item.id && shown.kind === item.kind;
  }

  /** Puts it before everyone, or takes it off again. */
  async toggleScreen(item: Item): Promise<void> {
    const answer = this.isOnScreen(item)
      ? await this.session.send('screen.clear', {})
      : await this.session.send('screen.set', { subject: { kind: item.kind, id: item.id } });
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
  }

  #keep(kind: SubjectKind, subject: Message | Question): void {
    const item = itemOf(kind, subject);
    this.#known.set(item.key, item);
  }

  #lastOfMine(): string | undefined {
    const told = this.session.snapshot?.decisions ?? [];
    const standing = told.filter((each) => !this.#undone.includes(each.id));
    return lastDecisionBy(this.session.you?.id, standing, this.#mine);
  }

  #explain(item: Item, refused: Refused): void {
    if (refused.code !== 'stale') {
      toasts.show(sentence(refused), 'bad');
      return;
    }
    const status = refused.current?.status ?? this.item(item.key)?.status ?? item.status;
    const { by, at } = this.#lastOn(item) ?? {};
    const said =
      by && at
        ? m.mod_stale_by({
            name: by.display_name ?? m.mod_colleague(),
            status: statusName(status),
            age: age(at, Date.now(), getLocale()),
          })
        : m.mod_stale({ status: statusName(status) });
    toasts.show(said, 'bad');
  }
}

function subjectOf({ message, question }: AckData): Message | Question | undefined {
  if (message && isWhole(message)) return message;
  return question && isWhole(question) ? question : undefined;
}

function done(verdict: Verdict): string {
  return {
    publish: m.mod_did_publish,
    refuse: m.mod_did_refuse,
    remove: m.mod_did_remove,
    restore: m.mod_did_restore,
    pick: m.mod_did_pick,
    answering: m.mod_did_answering,
    answered: m.mod_did_answered,
    dismiss: m.mod_did_dismiss,
  }[verdict]();
}

export function statusName(status: Status): string {
  return {
    pending: m.mod_status_pending,
    published: m.mod_status_published,
    refused: m.mod_status_refused,
    removed: m.mod_status_removed,
    picked: m.mod_status_picked,
    answering: m.mod_status_answering,
    answered: m.mod_status_answered,
    dismissed: m.mod_status_dismissed,
  }[status]();
}
