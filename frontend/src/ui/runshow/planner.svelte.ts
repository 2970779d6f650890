/** The run of show as the team works with it: what is on, what comes, and each act with its answer. */
import { m } from '$messages';
import { getLocale } from '$runtime';
import type { Session } from '$core/session.svelte';
import type { CommandData, CommandType, Part, PartDraft } from '$wire/types';
import { sentence } from '../problems';
import { toasts } from '../toasts.svelte';
import { previous, titleOf, upcoming } from './clocks';

export class Planner {
  constructor(readonly session: Session) {}

  readonly parts: readonly Part[] = $derived.by(() => this.session.snapshot?.parts ?? []);
  readonly show = $derived.by(() => this.session.snapshot?.runshow ?? null);
  readonly languages: readonly string[] = $derived.by(() => this.session.snapshot?.session.languages ?? []);
  readonly current = $derived.by(() => this.parts.find((part) => part.id === this.show?.current) ?? null);
  readonly coming = $derived(upcoming(this.parts));
  readonly next = $derived.by(() => this.coming[0] ?? null);
  readonly live = $derived.by(() => this.session.snapshot?.session.state === 'live');

  title(part: Part): string {
    return titleOf(part, getLocale(), this.languages) || m.runshow_untitled();
  }

  /** Moves on to the next part; after the last, none is on. */
  goNext(): void {
    if (this.next || this.current) void this.go(this.next);
  }

  goBack(): void {
    const before = previous(this.parts, this.current?.id ?? null);
    if (before) void this.go(before);
  }

  go(part: Part | null): Promise<boolean> {
    return this.#say('runshow.go', { part_id: part?.id ?? null, from: this.show?.current ?? null });
  }

  skip(part: Part): Promise<boolean> {
    return this.#say('part.skip', { part_id: part.id, revision: part.revision, on: part.status === 'planned' });
  }

  stretch(part: Part, by_min: number): Promise<boolean> {
    return this.#say('part.stretch', { part_id: part.id, by_min });
  }

  remove(part: Part): Promise<boolean> {
    return this.#say('part.remove', { part_id: part.id, revision: part.revision });
  }

  /** One place up (-1) or down (1). */
  shift(part: Part, by: -1 | 1): Promise<boolean> {
    const others = this.parts.filter((each) => each.id !== part.id);
    const before = others[this.parts.indexOf(part) + by];
    return this.#say('part.move', { part_id: part.id, revision: part.revision, ...(before && { before: before.id }) });
  }

  add(part: PartDraft, before: Part | null): Promise<boolean> {
    return this.#say('part.add', { part, ...(before && { before: before.id }) });
  }

  edit(known: Part, part: PartDraft): Promise<boolean> {
    return this.#say('part.edit', { part_id: known.id, revision: known.revision, part });
  }

  tell(on: boolean): Promise<boolean> {
    return this.#say('runshow.show', { on });
  }

  async #say<K extends CommandType>(type: K, data: CommandData[K]): Promise<boolean> {
    const answer = await this.session.send(type, data);
    if (answer.ok) return true;
    const { refused } = answer;
    const first = refused.code === 'stale' ? refused.by?.display_name : undefined;
    toasts.show(first ? m.runshow_stale({ name: first }) : sentence(refused), 'bad');
    return false;
  }
}
