/** What the ear tells this desk, and what one key makes of it. */
import { m } from '$messages';
import { EarWatch } from '$core/ear.svelte';
import { isWhole } from '$core/reducer';
import type { Proposal, Question, Refused } from '$wire/types';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';
import type { Item } from './items';

/** From here on a chat line is told apart as a likely question. */
export const LIKELY = 0.5;

export class EarDesk extends EarWatch {
  /** The proposal that an item stands in, if there is one, and the question on its other side. */
  proposal(item: Item): Proposal | undefined {
    if (item.kind !== 'question') return undefined;
    return this.session.snapshot?.proposals?.find((each) => each.from === item.id || each.into === item.id);
  }

  async settle(proposal: Proposal, same: boolean): Promise<void> {
    const answer = await this.session.send('proposal.settle', { proposal_id: proposal.id, same });
    if (!answer.ok) return explain(answer.refused);
    if (!same) {
      toasts.show(m.mod_kept_apart());
      return;
    }
    const decision_id = answer.ack.data.decision?.id;
    const action = { label: m.ui_undo(), run: () => void this.#split(proposal.from, decision_id) };
    toasts.show(m.mod_merged(), 'plain', action, 'decided');
  }

  async #split(question_id: string, decision_id: string | undefined): Promise<void> {
    const answer = await this.session.send('question.split', { question_id });
    if (!answer.ok) return explain(answer.refused);
    if (decision_id !== undefined) await this.session.send('moderation.undo', { decision_id });
    toasts.show(m.mod_split(), 'good', undefined, 'decided');
  }

  /** Takes a question out of the one it was merged into. */
  async split(question_id: string): Promise<void> {
    await this.#split(question_id, undefined);
  }

  /** What was merged into a question last, as far as it is in sight. */
  joined(item: Item): Question | undefined {
    const all = this.session.snapshot?.questions.items ?? [];
    return all.filter(isWhole).findLast((each) => each.merged_into === item.id);
  }

  async ask(item: Item): Promise<void> {
    const data = { message_id: item.id, revision: item.revision };
    const answer = await this.session.send('message.to_question', data);
    if (!answer.ok) return explain(answer.refused);
    const decision_id = answer.ack.data.decision?.id;
    const undo = async (): Promise<void> => {
      if (decision_id !== undefined) await this.session.send('moderation.undo', { decision_id });
    };
    toasts.show(m.mod_asked(), 'plain', { label: m.ui_undo(), run: () => void undo() }, 'decided');
  }

  /** The segment that an item suggests for its author, who has not said one. */
  suggestion(item: Item): { value: string; likelihood: number } | undefined {
    const hint = item.hints?.segment;
    if (!hint || item.author.segment !== 'general' || item.author.role !== 'viewer') return undefined;
    return { value: hint.value, likelihood: hint.likelihood ?? 0 };
  }

  async place(item: Item): Promise<void> {
    const hint = this.suggestion(item);
    if (!hint) return;
    const participant_id = item.author.id;
    const answer = await this.session.send('participant.place', { participant_id, segment: hint.value });
    if (!answer.ok) return explain(answer.refused);
    const back = (): void =>
      void this.session.send('participant.place', { participant_id, segment: 'general' });
    toasts.show(m.mod_placed(), 'plain', { label: m.ui_undo(), run: back }, 'decided');
  }
}

function explain(refused: Refused): void {
  toasts.show(sentence(refused), 'bad');
}
