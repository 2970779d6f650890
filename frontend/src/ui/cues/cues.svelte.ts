/** The cues of a session, and what a click on one does. */
import { m } from '$messages';
import { getLocale } from '$runtime';
import type { Session } from '$core/session.svelte';
import { isWhole } from '$core/reducer';
import type { Cue, CueAct, Poll } from '$wire/types';
import { summary } from '../announce/summary';
import { languageName, number } from '../format';
import { seconds } from '../now.svelte';
import { sentence } from '../problems';
import { toasts } from '../toasts.svelte';
import { topicName } from '../topics';
import { segmentName } from '../words';

export const SNOOZE_S = 120;

const TITLES: Record<Cue['rule'], () => string> = {
  confusion: m.cue_confusion,
  departures: m.cue_departures,
  questions: m.cue_questions,
  price: m.cue_price,
  silence: m.cue_silence,
  praise: m.cue_praise,
};

const ACTS: Record<CueAct['kind'], () => string> = {
  pick: m.cue_act_pick,
  screen: m.cue_act_screen,
  send: m.cue_act_send,
  withdraw: m.cue_act_withdraw,
  poll: m.cue_act_poll,
  part: m.cue_act_part,
};

/** Whom a cue is about, in a word. */
export function whoOf(cue: Cue): string {
  if (cue.segment !== null) return segmentName(cue.segment);
  return cue.language === null ? m.cue_everyone() : languageName(cue.language, getLocale());
}

export function titleOf(cue: Cue): string {
  const title = TITLES[cue.rule]();
  return cue.topic ? `${title} · ${topicName(cue.topic)}` : title;
}

/** The figures that a cue stands on, in one sentence. */
export function evidenceOf(cue: Cue): string {
  const { count, people, seconds: span, expected } = cue.evidence;
  const locale = getLocale();
  const usual = new Intl.NumberFormat(locale, { maximumFractionDigits: expected < 10 ? 1 : 0 }).format(expected);
  return m.cue_evidence({
    count: number(count, locale),
    people: number(people, locale),
    seconds: number(span, locale),
    expected: usual,
  });
}

export function actOf(act: CueAct | null): string {
  return act ? ACTS[act.kind]() : m.cue_act_none();
}

/** Of these languages the reader's own, or the first. */
function spoken(languages: readonly string[]): string | undefined {
  return languages.find((each) => each === getLocale()) ?? languages[0];
}

function asked(poll: Poll | undefined): { text: string; language: string } | null {
  if (!poll) return null;
  const { variants } = poll;
  const read = variants?.find((each) => each.language === spoken(variants.map((every) => every.language)));
  return { text: read?.question ?? poll.question, language: read?.language ?? poll.language };
}

export class Cues {
  constructor(private readonly session: Session) {}

  /** The one that waits. */
  readonly open = $derived.by(() => this.session.snapshot?.cues?.findLast((cue) => !cue.outcome) ?? null);

  /** The same, but not while an answer has just begun: for who gives it. */
  readonly forHost = $derived.by(() => {
    const answering = this.session.questions.find((each) => isWhole(each) && each.status === 'answering');
    const since = answering && isWhole(answering) ? answering.answering_at : undefined;
    const calm_ms = 1000 * (this.session.snapshot?.cueing?.calm_s ?? 0);
    return since && seconds.now - Date.parse(since) < calm_ms ? null : this.open;
  });

  /** The words of what is suggested, where there are any: of a question, line, announcement, poll or part. */
  textOf(act: CueAct | null): { text: string; language: string } | null {
    if (!act) return null;
    const snapshot = this.session.snapshot;
    if (act.kind === 'part') {
      const part = snapshot?.parts?.find((each) => each.id === act.id);
      const language = part && spoken(Object.keys(part.titles));
      return part && language ? { text: part.titles[language] ?? '', language } : null;
    }
    if (act.kind === 'poll') return asked(snapshot?.polls.find((each) => each.id === act.id));
    if (act.kind === 'send' || act.kind === 'withdraw') {
      const told = [...(snapshot?.saved_announcements ?? []), ...(snapshot?.announcements ?? [])];
      const variants = told.find((each) => each.id === act.id)?.variants;
      return variants?.[0] ? { text: summary(variants), language: variants[0].language } : null;
    }
    const question = this.session.questions.find((each) => each.id === act.id);
    if (question && isWhole(question)) return { text: question.text, language: question.language };
    const message = this.session.messages.find((each) => each.id === act.id);
    return message && isWhole(message) ? { text: message.text, language: message.language } : null;
  }

  /** Does what a cue suggests, then says that it was done. */
  async act(cue: Cue): Promise<void> {
    if (cue.act && !(await this.#perform(cue.act))) return;
    await this.#settle(cue, 'acted');
  }

  async dismiss(cue: Cue): Promise<void> {
    await this.#settle(cue, 'dismissed');
  }

  async snooze(cue: Cue): Promise<void> {
    await this.#settle(cue, 'snoozed');
  }

  async #perform(act: CueAct): Promise<boolean> {
    const question = this.session.questions.find((each) => each.id === act.id);
    switch (act.kind) {
      case 'pick': {
        if (!question || !isWhole(question) || question.status !== 'published') return true;
        const { id, revision } = question;
        return this.#sent(
          await this.session.send('moderation.decide', { subject: { kind: 'question', id }, revision, verdict: 'pick' }),
        );
      }
      case 'screen': {
        const kind = question ? 'question' : 'message';
        return this.#sent(await this.session.send('screen.set', { subject: { kind, id: act.id } }));
      }
      case 'send':
        return this.#sent(await this.session.send('announce.release', { announcement_id: act.id, ...this.#seen(act.id) }));
      case 'withdraw':
        return this.#sent(await this.session.send('announce.withdraw', { announcement_id: act.id }));
      case 'poll':
        return this.#sent(await this.session.send('poll.open', { poll_id: act.id }));
      case 'part': {
        const from = this.session.snapshot?.runshow?.current ?? null;
        return this.#sent(await this.session.send('runshow.go', { part_id: act.id, from }));
      }
    }
  }

  #seen(id: string): { revision: number } {
    const saved = this.session.snapshot?.saved_announcements?.find((each) => each.id === id);
    return { revision: saved?.revision ?? 1 };
  }

  async #settle(cue: Cue, outcome: 'acted' | 'dismissed' | 'snoozed'): Promise<void> {
    const more = outcome === 'snoozed' ? { for_s: SNOOZE_S } : {};
    this.#sent(await this.session.send('cue.settle', { cue_id: cue.id, outcome, ...more }));
  }

  #sent(answer: Awaited<ReturnType<Session['send']>>): boolean {
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    return answer.ok;
  }
}
