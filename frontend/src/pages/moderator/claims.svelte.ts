/** What the team has in hand: taken, let go, renewed while this desk is watched, all let go when away. */
import { onMount } from 'svelte';
import { m } from '$messages';
import type { Session } from '$core/session.svelte';
import type { Claim } from '$wire/types';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';
import type { Item } from './items';

/** Well within the minute after which a claim lapses by itself. */
const RENEW_MS = 25_000;

type Subject = Pick<Item, 'kind' | 'id'>;

export class Claims {
  /** Since when nobody sits here (milliseconds since 1970), or null. */
  awaySince: number | null = $state(null);

  constructor(readonly session: Session) {
    $effect(() => {
      const timer = setInterval(() => this.#renew(), RENEW_MS);
      return () => clearInterval(timer);
    });
  }

  on({ kind, id }: Subject): Claim | undefined {
    const claim = this.session.snapshot?.claims?.find(
      (each) => each.subject.id === id && each.subject.kind === kind,
    );
    return claim && Date.parse(claim.until) > Date.now() ? claim : undefined;
  }

  isMine(item: Subject): boolean {
    return this.on(item)?.by.id === this.session.you?.id;
  }

  /** Takes it, or lets it go; a colleague's claim is not overridden but told. */
  async toggle(item: Subject): Promise<void> {
    await this.#ask(this.isMine(item) ? 'moderation.release' : 'moderation.claim', item);
  }

  async take(item: Subject): Promise<void> {
    if (!this.isMine(item)) await this.#ask('moderation.claim', item);
  }

  async letGo(item: Subject): Promise<void> {
    if (this.isMine(item)) await this.#ask('moderation.release', item);
  }

  /** Leaves the desk: colleagues may take over at once. */
  leave(): void {
    this.awaySince = Date.now();
    for (const claim of this.#mine()) void this.#ask('moderation.release', claim.subject);
  }

  comeBack(): void {
    this.awaySince = null;
  }

  #mine(): Claim[] {
    const { you, snapshot } = this.session;
    return (snapshot?.claims ?? []).filter(
      (claim) => claim.by.id === you?.id && Date.parse(claim.until) > Date.now(),
    );
  }

  #renew(): void {
    if (this.awaySince !== null || document.hidden) return;
    for (const claim of this.#mine()) void this.#ask('moderation.claim', claim.subject);
  }

  async #ask(command: 'moderation.claim' | 'moderation.release', { kind, id }: Subject): Promise<void> {
    const answer = await this.session.send(command, { subject: { kind, id } });
    if (answer.ok) return;
    const by = this.on({ kind, id })?.by.display_name;
    toasts.show(by ? m.mod_claimed({ name: by }) : sentence(answer.refused), 'bad');
  }
}

/** Takes an item in hand for as long as the component lives that calls this. */
export function inHand(what: () => { claims: Claims; item: Subject | null }): void {
  const { claims, item } = what();
  onMount(() => {
    if (!item) return undefined;
    void claims.take(item);
    return () => void claims.letGo(item);
  });
}
