/** The questions as one list, in the reader's order. */
import type { Entry } from '$core/outbox';
import { type AnyQuestion, isWhole, type Own } from '$core/reducer';
import type { HeldQuestion, Question } from '$wire/types';
import { isQuestionText, textOf } from './rows';

export type Sort = 'votes' | 'new';

export type Card =
  | { key: string; kind: 'question'; question: Question }
  | { key: string; kind: 'own'; question: HeldQuestion }
  | { key: string; kind: 'entry'; entry: Entry; text: string };

/** Where a question stands in its life: what is on now, what comes, what waits, what is over. */
const STAGE: Record<string, number> = { answering: 0, picked: 1, published: 2, answered: 3 };

/**
 * On its way first, then one's own that wait, then by stage and votes (or age). Merged ones count
 * for another and are left out, except one's own.
 */
export function cardsOf(
  questions: readonly AnyQuestion[],
  mine: readonly Own[],
  entries: readonly Entry[],
  reader: { id: string; ended: boolean; sort: Sort; votesOf: (question: Question) => number },
): Card[] {
  const unsent = entries
    .filter((entry) => entry.type === 'question.ask' || isQuestionText(textOf(entry)))
    .map((entry): Card => ({ key: entry.id, kind: 'entry', entry, text: textOf(entry).replace(/^\/q /, '') }));
  const own = mine
    .filter((item): item is HeldQuestion => item.kind === 'question')
    .map((question): Card => ({ key: question.id, kind: 'own', question }));
  const shown = questions
    .filter(isWhole)
    .filter((question) => question.merged_into === undefined || question.author.id === reader.id)
    // That one stands in the band below the picture.
    .filter((question) => question.status !== 'answering' || reader.ended)
    .sort((one, other) => {
      const stage = (STAGE[one.status] ?? 2) - (STAGE[other.status] ?? 2);
      if (stage !== 0) return stage;
      if (one.status === 'answered') return (other.answered_at ?? '') < (one.answered_at ?? '') ? -1 : 1;
      const votes = reader.sort === 'votes' ? reader.votesOf(other) - reader.votesOf(one) : 0;
      return votes || (other.seq ?? 0) - (one.seq ?? 0);
    })
    .map((question): Card => ({ key: question.id, kind: 'question', question }));
  return [...unsent.toReversed(), ...own.toReversed(), ...shown];
}
