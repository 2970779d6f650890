/** What the host can do, each as one act: the show's states, the seat, the questions. */
import { m } from '$messages';
import { call, type Outcome } from '$core/http';
import type { Session } from '$core/session.svelte';
import type { Question, Seat, SessionState, Verdict } from '$wire/types';
import { lastDecisionBy } from '$ui/decisions';
import { sentence } from '$ui/problems';
import { Planner } from '$ui/runshow/planner.svelte';
import { toasts } from '$ui/toasts.svelte';
import { Publishing } from '$ui/devices/publishing.svelte';
import { showOf } from './show';

export class CockpitState {
  readonly publishing: Publishing;
  readonly planner: Planner;
  busy = $state(false);
  /** Decisions that acks named, oldest first, and those that were taken back since. */
  #mine: readonly string[] = [];
  #undone: readonly string[] = [];

  constructor(readonly session: Session) {
    this.publishing = new Publishing(session.slug);
    this.planner = new Planner(session);
  }

  readonly show = $derived.by(() => {
    const snapshot = this.session.snapshot;
    return snapshot ? showOf(snapshot) : { now: null, picked: [], wanted: [] };
  });

  /** Who is sending, from wherever; for the team a preview counts as well. */
  readonly seat = $derived.by((): Seat | null => this.session.snapshot?.stage.seats[0] ?? null);
  readonly live = $derived.by(() => this.session.snapshot?.session.state === 'live');

  /** Takes the show to a state; a refusal is told. */
  async step(state: SessionState): Promise<boolean> {
    const path = `/sessions/${encodeURIComponent(this.session.slug)}/state`;
    const answer = await call<unknown>(path, { method: 'POST', body: { state } });
    if (!answer.ok) toasts.show(sentence(answer.problem), 'bad');
    return answer.ok;
  }

  /**
   * On air and live. The picture is connected first, as a preview that nobody receives, so that the
   * show begins with it; a seat that is taken changes nothing until one says so.
   */
  async goLive(takeover = false): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const state = this.session.snapshot?.session.state;
    if (state !== 'draft' || (await this.step('lobby'))) {
      const sent = await this.publishing.goOnAir(takeover);
      if (sent.ok && state !== 'live') await this.step('live');
      this.#tell(sent);
    }
    this.busy = false;
  }

  async end(): Promise<void> {
    if (await this.step('ended')) this.publishing.close();
  }

  async decide(question: Question, verdict: Verdict): Promise<Question | null> {
    const answer = await this.session.send('moderation.decide', {
      subject: { kind: 'question', id: question.id },
      revision: question.revision,
      verdict,
    });
    if (!answer.ok) {
      toasts.show(sentence(answer.refused), 'bad');
      return null;
    }
    const { decision, question: told } = answer.ack.data;
    if (decision) this.#mine = [...this.#mine, decision.id];
    return told && 'text' in told ? told : null;
  }

  /** Brings a question on air, from wherever it stands. */
  async answer(question: Question): Promise<void> {
    const picked = question.status === 'published' ? await this.decide(question, 'pick') : question;
    if (picked) await this.decide(picked, 'answering');
  }

  /** Done with the question on air; or brings the next one there, where none is. */
  async settleOrAnswer(): Promise<void> {
    const { now, picked } = this.show;
    if (now) await this.decide(now, 'answered');
    else if (picked[0]) await this.answer(picked[0]);
  }

  async takeNext(): Promise<void> {
    const next = this.show.picked[0];
    if (next) await this.answer(next);
  }

  async toggleShown(): Promise<void> {
    const shown = this.show.now ?? this.show.picked[0];
    if (shown) await this.toggleScreen(shown);
  }

  async setShield(on: boolean): Promise<void> {
    const answer = await this.session.send('shield.set', { on });
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
  }

  isOnScreen(question: Question): boolean {
    const shown = this.session.snapshot?.screen;
    return shown?.kind === 'question' && shown.id === question.id;
  }

  /** Puts a question before everyone, or takes it off again. */
  async toggleScreen(question: Question): Promise<void> {
    const answer = this.isOnScreen(question)
      ? await this.session.send('screen.clear', {})
      : await this.session.send('screen.set', { subject: { kind: 'question', id: question.id } });
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
  }

  /** Takes back one's own last decision, made on this device or on another. */
  async undo(): Promise<void> {
    const decision_id = this.#lastOfMine();
    if (decision_id === undefined) {
      toasts.show(m.host_undo_nothing());
      return;
    }
    this.#mine = this.#mine.filter((id) => id !== decision_id);
    this.#undone = [...this.#undone, decision_id];
    const answer = await this.session.send('moderation.undo', { decision_id });
    if (answer.ok) toasts.show(m.host_undone(), 'good');
    else toasts.show(sentence(answer.refused), 'bad');
  }

  #lastOfMine(): string | undefined {
    const told = this.session.snapshot?.decisions ?? [];
    const standing = told.filter((each) => !this.#undone.includes(each.id));
    return lastDecisionBy(this.session.you?.id, standing, this.#mine);
  }

  #tell(sent: Outcome<void>): void {
    // A taken seat is a choice to make, shown in its place, not news to float by.
    if (sent.ok || sent.problem.code === 'seat_taken') return;
    toasts.show(m.host_failed({ reason: sentence(sent.problem) }), 'bad');
  }
}
