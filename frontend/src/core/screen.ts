/** What stands on the screen, found among what this page knows. */
import type { Message, Question, Snapshot } from '../wire/types';
import { isWhole } from './reducer';

export type OnScreen = (Message & { kind: 'message' }) | (Question & { kind: 'question' });

export function onScreen(snapshot: Snapshot | null): OnScreen | null {
  const subject = snapshot?.screen;
  if (!snapshot || !subject) return null;
  if (subject.kind === 'message') {
    const found = snapshot.messages.find((each) => each.id === subject.id);
    return found && isWhole(found) ? { ...found, kind: 'message' } : null;
  }
  const found = snapshot.questions.items.find((each) => each.id === subject.id);
  return found && isWhole(found) ? { ...found, kind: 'question' } : null;
}
