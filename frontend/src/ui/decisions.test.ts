import { expect, test } from 'vitest';
import type { Decision } from '$wire/types';
import { lastDecisionBy } from './decisions';

function decision(id: string, by: string, more: Partial<Decision> = {}): Decision {
  return {
    id,
    subject: { kind: 'question', id: 'q1' },
    verdict: 'publish',
    by: { id: by, display_name: by, role: 'moderator' },
    at: '2026-11-20T19:00:00.000Z',
    revision: 2,
    ...more,
  };
}

test("the last decision of one's own is found past those of others", () => {
  expect(lastDecisionBy('me', [decision('d1', 'me'), decision('d2', 'other')])).toBe('d1');
});

test('what was undone, and the undoing itself, are not undone again', () => {
  const undone = decision('d3', 'me', { verdict: 'undo', supersedes: 'd2' });
  expect(lastDecisionBy('me', [decision('d1', 'me'), decision('d2', 'me'), undone])).toBe('d1');
});

test('a decision made on another device after ours is the one to take back', () => {
  const both = [decision('here', 'me'), decision('there', 'me')];
  expect(lastDecisionBy('me', both, ['here'])).toBe('there');
});

test('a decision whose event has not arrived yet is the latest', () => {
  expect(lastDecisionBy('me', [decision('d1', 'me')], ['d1', 'd2'])).toBe('d2');
});
