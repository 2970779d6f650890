/** The discussion as one list: what everyone sees, what only oneself sees, what is still on its way. */
import type { Entry } from '$core/outbox';
import type { AnyMessage, Own } from '$core/reducer';
import { isWhole } from '$core/reducer';
import type { HeldMessage, Message, MessageTombstone } from '$wire/types';

export type Row =
  | { key: string; kind: 'message'; message: Message }
  | { key: string; kind: 'removed'; message: MessageTombstone }
  | { key: string; kind: 'own'; message: HeldMessage }
  | { key: string; kind: 'entry'; entry: Entry<'message.post'> };

/** Oldest first. One's held messages stand where they were written, unsent ones at the end. */
export function rowsOf(
  messages: readonly AnyMessage[],
  mine: readonly Own[],
  entries: readonly Entry[],
  muted: readonly string[],
): Row[] {
  const own = mine.filter((item): item is HeldMessage => item.kind === 'message');
  const rows: Row[] = [];
  let next = 0;
  for (const message of messages) {
    if (!isWhole(message)) {
      rows.push({ key: message.id, kind: 'removed', message });
      continue;
    }
    for (let held = own[next]; held && held.at < message.at; held = own[next]) {
      rows.push({ key: held.id, kind: 'own', message: held });
      next += 1;
    }
    if (!muted.includes(message.author.id)) rows.push({ key: message.id, kind: 'message', message });
  }
  for (const held of own.slice(next)) rows.push({ key: held.id, kind: 'own', message: held });
  for (const entry of entries) {
    if (isPost(entry)) rows.push({ key: entry.id, kind: 'entry', entry });
  }
  return rows;
}

function isPost(entry: Entry): entry is Entry<'message.post'> {
  // A line that begins with `/q ` is shown among the questions.
  return entry.type === 'message.post' && !isQuestionText(textOf(entry));
}

/** The words of an entry that a person typed. */
export function textOf(entry: Entry): string {
  return 'text' in entry.data ? (entry.data.text ?? '') : '';
}

/** Whether the server takes this line for a question. */
export function isQuestionText(text: string): boolean {
  return text.startsWith('/q ');
}
