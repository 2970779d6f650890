/** Which questions still want an answer, and which were promised one. */
import { type AnyQuestion, isWhole } from '$core/reducer';
import type { Question } from '$wire/types';

const OPEN: ReadonlySet<string> = new Set(['published', 'picked', 'answering']);

/** Neither answered nor promised nor let go, the most wanted first. */
export function unanswered(questions: readonly AnyQuestion[]): Question[] {
  return questions
    .filter(isWhole)
    .filter((each) => OPEN.has(each.status) && !each.merged_into)
    .filter((each) => !each.reply && !each.promise && !each.let_go)
    .sort((one, other) => other.votes - one.votes || (one.at < other.at ? -1 : 1));
}

/** Promised and not yet answered, the earliest first. */
export function promised(questions: readonly AnyQuestion[]): Question[] {
  return questions
    .filter(isWhole)
    .filter((each) => each.promise !== undefined && !each.reply)
    .sort((one, other) => ((one.promise?.due ?? '') < (other.promise?.due ?? '') ? -1 : 1));
}
