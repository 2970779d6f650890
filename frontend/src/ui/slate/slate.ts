/** The slate as the team steers it. */
import type { Session } from '$core/session.svelte';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';

/** Cuts picture and sound for everyone, or gives them back; a refusal is told. */
export async function setSlate(session: Session, on: boolean): Promise<void> {
  const answer = await session.send('slate.set', { on });
  if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
}
