/** What can be said of a poll, wherever it stands. */
import { m } from '$messages';
import { number } from '$ui/format';
import type { OwnBallot, Poll } from '$wire/types';

/** Of the ballots how many hold this option, from 0 to 1. */
export function shareOf(poll: Poll, option: string): number {
  const { tally } = poll;
  return tally && tally.answered > 0 ? (tally.counts[option] ?? 0) / tally.answered : 0;
}

/** What this person answered, if they did. */
export function ballotOf(ballots: readonly OwnBallot[] | undefined, poll: Poll): readonly string[] {
  return ballots?.find((each) => each.poll_id === poll.id)?.choices ?? [];
}

/** Whether a ballot names all right options and no other; null where that is not told, or not answered. */
export function isRight(poll: Poll, mine: readonly string[]): boolean | null {
  const { right } = poll;
  if (!right || mine.length === 0) return null;
  return right.length === mine.length && right.every((each) => mine.includes(each));
}

/** The mean of a scale's answers; null before there is one. */
export function meanOf(poll: Poll): number | null {
  const { tally } = poll;
  if (poll.kind !== 'scale' || !tally || tally.answered === 0) return null;
  const sum = Object.entries(tally.counts).reduce((all, [option, count]) => all + Number(option) * count, 0);
  return sum / tally.answered;
}

export function answers(count: number, locale: string): string {
  return count === 1 ? m.poll_answers_one() : m.poll_answers_many({ count: number(count, locale) });
}
