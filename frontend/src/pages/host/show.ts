/** What the host has in front of them: the question now, and what comes next. Pure. */
import { isWhole } from '$core/reducer';
import type { Question, Snapshot } from '$wire/types';

export interface Show {
  /** On air now. */
  readonly now: Question | null;
  /** Picked by the team, in the order to take them; what was on air before comes last. */
  readonly picked: readonly Question[];
  /** The most wanted of those nobody has picked. */
  readonly wanted: readonly Question[];
}

const WANTED = 4;

export function showOf(snapshot: Snapshot): Show {
  const questions = snapshot.questions.items
    .filter(isWhole)
    .filter((question) => question.merged_into === undefined);
  const picked = questions
    .filter((question) => question.status === 'picked')
    .sort(
      (a, b) =>
        Number(a.answering_at !== undefined) - Number(b.answering_at !== undefined) ||
        (a.picked_at ?? a.at).localeCompare(b.picked_at ?? b.at),
    );
  const wanted = questions
    .filter((question) => question.status === 'published')
    .sort((a, b) => b.votes - a.votes || a.at.localeCompare(b.at))
    .slice(0, WANTED);
  return { now: questions.find((question) => question.status === 'answering') ?? null, picked, wanted };
}
