/** Who asked is told when the answer comes, wherever they are on the page. */
import { m } from '$messages';
import { isWhole } from '$core/reducer';
import type { Session } from '$core/session.svelte';
import { toasts } from '$ui/toasts.svelte';

/** Listens until the returned function is called. */
export function tellAnswers(session: Session): () => void {
  // What was said before this page opened is on the card, and no news.
  const known = new Map<string, string>();
  const markOf = (said: { reply?: unknown; promise?: unknown }): string =>
    said.reply ? 'reply' : said.promise ? 'promise' : '';
  for (const each of session.questions) if (isWhole(each)) known.set(each.id, markOf(each));
  return session.witness((events) => {
    for (const event of events) {
      if (event.type !== 'question.changed') continue;
      const { question } = event.data;
      if (!isWhole(question)) continue;
      const before = known.get(question.id) ?? '';
      const now = markOf(question);
      known.set(question.id, now);
      if (now === before || now === '' || !isAskedByReader(session, question.id, question.author.id)) continue;
      toasts.show(now === 'reply' ? m.said_told() : m.said_promised(), 'good');
    }
  });
}

/** One's own, or one that one's own became part of. */
function isAskedByReader(session: Session, id: string, author: string): boolean {
  const me = session.you?.id;
  if (author === me) return true;
  return session.questions.some((each) => isWhole(each) && each.merged_into === id && each.author.id === me);
}
