/** Decisions of this desk, one or many at once, and their undo: shown at once, corrected if refused. */
import { m } from '$messages';
import { getLocale } from '$runtime';
import { isWhole } from '$core/reducer';
import type { AckData, Message, Question, Refused, Verdict } from '$wire/types';
import { lastDecisionBy } from '$ui/decisions';
import { age } from '$ui/format';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';
import type { Desk } from './desk.svelte';
import { type Item, keyOf, statusAfter, verdictsFor } from './items';
import { done, statusName } from './naming';

/** Decisions in quick succession leave one toast: the last, with its undo. */
const DECIDED = 'decided';

export class Decisions {
  /** Decisions that acks named, oldest first, and those that were taken back since. */
  #mine: readonly string[] = [];
  #undone: readonly string[] = [];
  /** The group that the last decision of a sweep stands for. */
  readonly #groups = new Map<string, string>();

  constructor(private readonly desk: Desk) {}

  /** Decides on what is seen: shown at once, taken back if the server says no. */
  async decide(item: Item, verdict: Verdict): Promise<void> {
    const { desk } = this;
    if (desk.readOnly) return;
    if (verdict === 'pick' && item.status === 'pending') {
      // Only what is published can be picked: two decisions, each of which can be undone.
      await this.decide(item, 'publish');
      const published = desk.item(item.key);
      if (published?.status === 'published') await this.decide(published, 'pick');
      return;
    }
    const { revision } = item;
    desk.guess([item], () => statusAfter(verdict));
    const subject = { kind: item.kind, id: item.id };
    const answer = await desk.session.send('moderation.decide', { subject, revision, verdict });
    const told = answer.ok ? subjectOf(answer.ack.data) : undefined;
    if (told) desk.keep(item.kind, told);
    desk.unguess([item.key]);
    if (!answer.ok) this.#explain(item, answer.refused);
    else if (answer.ack.data.decision) this.#done(answer.ack.data.decision.id, done(verdict));
  }

  /** The first of these verdicts that fits each item, all in one step; what fits none is left out. */
  async decideMany(items: readonly Item[], wanted: readonly Verdict[]): Promise<void> {
    const { desk } = this;
    const fitting = items.flatMap((item) => {
      const verdict = verdictsFor(item).find((each) => wanted.includes(each));
      return verdict ? [{ item, verdict }] : [];
    });
    const [first] = fitting;
    if (desk.readOnly || !first) return;
    const verdictOf = new Map(fitting.map(({ item, verdict }) => [item.key, verdict]));
    const keys = [...verdictOf.keys()];
    desk.guess(
      fitting.map(({ item }) => item),
      (item) => statusAfter(verdictOf.get(item.key) ?? first.verdict),
    );
    const answer = await desk.session.send('moderation.decide_many', {
      verdict: first.verdict,
      subjects: fitting.map(({ item: { kind, id, revision }, verdict }) => ({
        subject: { kind, id },
        revision,
        verdict,
      })),
    });
    if (!answer.ok) {
      desk.unguess(keys);
      toasts.show(sentence(answer.refused), 'bad');
      return;
    }
    const { each = [], group_id } = answer.ack.data;
    for (const { subject, current } of each) if (current && isWhole(current)) desk.keep(subject.kind, current);
    // Those that were done stay as guessed until their events are here.
    desk.unguess(each.filter(({ code }) => code !== undefined).map(({ subject }) => keyOf(subject)));
    const last = each.findLast(({ decision_id }) => decision_id !== undefined)?.decision_id;
    const count = each.filter(({ code }) => code === undefined).length;
    const refused = each.length - count;
    if (last === undefined || group_id === undefined) {
      toasts.show(m.mod_swept_none(), 'bad');
      return;
    }
    this.#groups.set(last, group_id);
    this.#done(last, refused === 0 ? m.mod_swept({ count }) : m.mod_swept_some({ count, refused }));
  }

  /** Takes back this decision, or the last one of one's own that still stands; a sweep as a whole. */
  async undo(decision_id = this.#lastOfMine()): Promise<void> {
    const { desk } = this;
    if (decision_id === undefined) {
      toasts.show(m.mod_undo_nothing());
      return;
    }
    const known = desk.session.snapshot?.decisions?.find((each) => each.id === decision_id);
    const group_id = this.#groups.get(decision_id) ?? known?.group;
    this.#mine = this.#mine.filter((id) => id !== decision_id);
    this.#undone = [...this.#undone, decision_id];
    const answer = await desk.session.send('moderation.undo', group_id ? { group_id } : { decision_id });
    if (!answer.ok) {
      toasts.show(sentence(answer.refused), 'bad');
      return;
    }
    const { decision, each } = answer.ack.data;
    const told = subjectOf(answer.ack.data);
    if (decision && told) {
      desk.keep(decision.subject.kind, told);
      desk.focused = keyOf({ kind: decision.subject.kind, id: told.id });
    }
    const count = each?.filter(({ code }) => code === undefined).length;
    toasts.show(count === undefined ? m.mod_undone() : m.mod_undone_many({ count }), 'good', undefined, DECIDED);
  }

  #done(decision_id: string, text: string): void {
    this.#mine = [...this.#mine, decision_id];
    const action = { label: m.ui_undo(), run: () => void this.undo(decision_id) };
    toasts.show(text, 'plain', action, DECIDED);
  }

  #lastOfMine(): string | undefined {
    const told = this.desk.session.snapshot?.decisions ?? [];
    const standing = told.filter((each) => !this.#undone.includes(each.id));
    return lastDecisionBy(this.desk.session.you?.id, standing, this.#mine);
  }

  #explain(item: Item, refused: Refused): void {
    const { desk } = this;
    if (refused.code !== 'stale') {
      toasts.show(sentence(refused), 'bad');
      return;
    }
    const status = refused.current?.status ?? desk.item(item.key)?.status ?? item.status;
    const { by, at } = desk.lastDecisionOn(item) ?? {};
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
