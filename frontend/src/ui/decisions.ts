/** Whose decision was the last, so that it can be taken back. Pure. */
import type { Decision } from '$wire/types';

/**
 * The latest decision of this participant that still stands, made here or on another of their
 * devices. `acked` are those this page was answered for, oldest first: one that the team's list does
 * not show yet is the latest.
 */
export function lastDecisionBy(
  participant_id: string | undefined,
  decisions: readonly Decision[],
  acked: readonly string[] = [],
): string | undefined {
  const newest = acked.at(-1);
  if (newest !== undefined && !decisions.some((each) => each.id === newest)) return newest;
  const taken = new Set(decisions.map((each) => each.supersedes));
  return decisions.findLast(
    (each) => each.by?.id === participant_id && each.verdict !== 'undo' && !taken.has(each.id),
  )?.id;
}
