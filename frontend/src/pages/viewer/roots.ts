/** What a merged question counts for. */
import type { Question } from '$wire/types';

/** The end of its chain of merges, as far as it is known here; undefined where it is not merged. */
export function rootOf(questions: readonly Question[], of: { merged_into?: string }): Question | undefined {
  const into = questions.find((each) => each.id === of.merged_into);
  return into && (rootOf(questions, into) ?? into);
}
