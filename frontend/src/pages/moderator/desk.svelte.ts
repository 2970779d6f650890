/**
 * A moderator's desk: the queues as they are now, with what this person has just decided already in
 * its place. The server's word corrects it; a refusal puts the item back and says why.
 */
import { untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { m } from '$messages';
import type { Session } from '$core/session.svelte';
import type { Author, Decision, Label, Message, Question, Refused, SetListening, SetMode, Subject, SubjectKind } from '$wire/types';
import { sentence } from '$ui/problems';
import { toasts } from '$ui/toasts.svelte';
import { Absence } from './absence.svelte';
import { Backlog } from './backlog';
import { Claims } from './claims.svelte';
import { Decisions } from './deciding';
import { EarDesk } from './ear.svelte';
import { type Filter, NO_FILTER, wantedBy } from './filters';
import type { Item, LaneId, Shown, Status } from './items';
import { Looks } from './looks.svelte';
import { ordersFor, type Sort } from './orders';
import { type Prefs, recalled, remember } from './prefs';
import { chosenShield } from './rules';
import { Selection } from './selection.svelte';
import { type Ranking, Shelf } from './shelf';
import { Standing } from './standing';

const LANE_IDS: readonly LaneId[] = ['handle', 'live', 'host', 'answered', 'aside', 'all'];

export class Desk {
  /** The item under the keys, by `Item.key`. */
  focused = $state<string | null>(null);
  asideFailed = $state(false);
  /** Who else is on the team, as far as it was asked for. */
  team: readonly Author[] = $state.raw([]);

  readonly claims: Claims;
  readonly looks: Looks;
  readonly absence: Absence;
  readonly ear: EarDesk;
  readonly decisions: Decisions;
  readonly selection = new Selection();
  readonly backlog: Backlog;

  #words = $state('');
  #filter: Filter = $state.raw(NO_FILTER);
  #prefs: Prefs = $state.raw(recalled());
  /** Rises once a batch with whatever changed on the shelf: one signal for thousands of items. */
  #turns = $state(0);
  readonly #moved = new SvelteSet<string>();
  readonly #shelf: Shelf;
  readonly #standings: Record<LaneId, Standing>;
  /** The snapshot that the shelf stands for. */
  #seen: unknown = null;

  constructor(readonly session: Session) {
    this.#shelf = new Shelf(this.#ranking(), {
      came: (lane, key) => this.#standings[lane].came(key),
      went: (lane, key, erased) => this.#standings[lane].went(key, erased),
    });
    const standing = (lane: LaneId): Standing => new Standing(() => this.#shelf.queue(lane).items, this.isOwn);
    this.#standings = Object.fromEntries(LANE_IDS.map((lane) => [lane, standing(lane)])) as Record<LaneId, Standing>;
    this.claims = new Claims(session);
    this.looks = new Looks(session, () => (this.claims.awaySince === null ? this.#seenItem() : null));
    this.absence = new Absence(session, this.claims, () => this.#shelf.waiting());
    this.ear = new EarDesk(session);
    this.decisions = new Decisions(this);
    this.backlog = new Backlog(session, (kind, items) => this.keep(kind, ...items));
    this.#follow();
    $effect(() => {
      // A snapshot that no event led to: the way back was too long, or this is the beginning.
      void session.snapshot;
      untrack(() => this.#follow());
    });
    $effect(() =>
      session.witness((events) => {
        this.#seen = session.snapshot;
        for (const event of events) this.#shelf.take(event);
        this.#turns += 1;
      }),
    );
  }

  // --- what is chosen to be seen

  get shown(): Shown {
    return this.#prefs.shown;
  }

  set shown(shown: Shown) {
    this.#choose({ ...this.#prefs, shown });
  }

  get sort(): Sort {
    return this.#prefs.sort;
  }

  set sort(sort: Sort) {
    this.#choose({ ...this.#prefs, sort });
  }

  get view(): Prefs['view'] {
    return this.#prefs.view;
  }

  set view(view: Prefs['view']) {
    this.#choose({ ...this.#prefs, view });
  }

  get filter(): Filter {
    return this.#filter;
  }

  set filter(filter: Filter) {
    this.#filter = filter;
    this.#rank();
    this.backlog.find(this.#words, filter);
    if (filter.state === 'aside') void this.loadAside();
  }

  get search(): string {
    return this.#words;
  }

  set search(words: string) {
    this.#words = words;
    this.#rank();
    this.backlog.find(words, this.#filter);
  }

  // --- what there is

  /** What a lane shows; read again after every batch. */
  standing(lane: LaneId): Standing {
    void this.#turns;
    return this.#standings[lane];
  }

  /** How many stand in a lane's queue, and how many there are of them, whatever is filtered. */
  count(lane: LaneId): { shown: number; total: number } {
    void this.#turns;
    return { shown: this.#shelf.queue(lane).length, total: this.#shelf.totals[lane] };
  }

  get heldForReason(): number {
    void this.#turns;
    return this.#shelf.heldForReason;
  }

  item(key: string): Item | undefined {
    void this.#turns;
    return this.#shelf.find(key);
  }

  readonly focusedItem = $derived(this.focused === null ? null : (this.item(this.focused) ?? null));
  readonly readOnly = $derived.by(() => this.session.snapshot?.session.state === 'ended');
  readonly labels: readonly Label[] = $derived.by(() => this.session.snapshot?.labels ?? []);
  readonly #decided: readonly Decision[] = $derived.by(() => this.session.snapshot?.decisions ?? []);

  /** Whether a chat line has become a question. */
  isAsked(item: Item): boolean {
    void this.#turns;
    const question = this.#shelf.askedOf(item.id);
    return question !== undefined && question.status !== 'dismissed';
  }

  /** Whether this person has moved the item, or is at it: it need not wait to be shown. */
  readonly isOwn = (key: string): boolean => this.#moved.has(key) || key === this.focused;

  /** The decision by which an item came to be what it is, if the team's memory still has it. */
  lastDecisionOn(item: Pick<Item, 'id' | 'kind'>): Decision | undefined {
    return this.#decided.findLast((each) => each.subject.id === item.id && each.subject.kind === item.kind);
  }

  // --- what moves

  /** Keeps a lane still, as it is now; called again, shows what waits above. */
  hold(lane: LaneId): void {
    this.#standings[lane].hold();
    this.#turns += 1;
  }

  /** Shows what waits above, wherever something is kept still. */
  showNews(): void {
    for (const lane of LANE_IDS) if (this.#standings[lane].isHeld) this.#standings[lane].hold();
    this.#turns += 1;
  }

  release(lane: LaneId): void {
    this.#standings[lane].release();
    this.#turns += 1;
  }

  keep(kind: SubjectKind, ...subjects: readonly (Message | Question)[]): void {
    for (const subject of subjects) this.#shelf.put(kind, subject);
    this.#turns += 1;
  }

  /** Shows items as they will be in a moment. */
  guess(items: readonly Item[], statusOf: (item: Item) => Status): void {
    for (const item of items) {
      this.#moved.add(item.key);
      this.#shelf.guess(item.key, statusOf(item), item.revision);
    }
    this.#turns += 1;
  }

  unguess(keys: readonly string[]): void {
    for (const key of keys) this.#shelf.unguess(key);
    this.#turns += 1;
  }

  /** Loads what was refused, removed or dismissed, once somebody looks for it. */
  async loadAside(): Promise<void> {
    this.asideFailed = !(await this.backlog.aside());
  }

  #seenItem(): Subject | null {
    const item = this.focusedItem;
    return item && { kind: item.kind, id: item.id };
  }

  #follow(): void {
    const { snapshot } = this.session;
    if (!snapshot || snapshot === this.#seen) return;
    this.#seen = snapshot;
    this.#shelf.replace(snapshot);
    this.#turns += 1;
    void this.backlog.questions(snapshot).then(() => {
      this.#shelf.settle();
      this.#turns += 1;
      // What was looked for is not in the snapshot, and was doubted with it.
      this.backlog.find(this.#words, this.#filter);
    });
  }

  #choose(prefs: Prefs): void {
    this.#prefs = prefs;
    remember(prefs);
    this.#rank();
  }

  #rank(): void {
    this.#shelf.rank(this.#ranking());
    this.showNews();
  }

  #ranking(): Ranking {
    const { shown, sort, view } = this.#prefs;
    return {
      wanted: wantedBy(this.#filter, shown, this.#words),
      orders: ordersFor(shown, sort),
      together: view === 'list',
    };
  }

  // --- what else is done from here

  async loadTeam(): Promise<void> {
    this.team = (await this.backlog.team()) ?? this.team;
  }

  /** All the labels that an item bears from now on. */
  async setLabels(item: Item, labels: readonly string[]): Promise<Refused | null> {
    const subject = { kind: item.kind, id: item.id };
    const answer = await this.session.send('label.set', { subject, labels: [...labels] });
    return answer.ok ? null : answer.refused;
  }

  async assign(item: Item, participant_id: string | null): Promise<Refused | null> {
    const subject = { kind: item.kind, id: item.id };
    const answer = await this.session.send('moderation.assign', { subject, participant_id });
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    return answer.ok ? null : answer.refused;
  }

  /** Whose name an id bears: of the team, or this person. */
  nameOf(participant_id: string): string | undefined {
    const { you } = this.session;
    if (you?.id === participant_id) return you.display_name ?? undefined;
    return this.team.find((each) => each.id === participant_id)?.display_name ?? undefined;
  }

  /** Turns dials; the server's answer is in the snapshot. */
  async setListening(change: SetListening): Promise<Refused | null> {
    const answer = await this.session.send('listening.set', change);
    return answer.ok ? null : answer.refused;
  }

  async edit(item: Item, text: string): Promise<Refused | null> {
    const { revision, id } = item;
    const answer =
      item.kind === 'message'
        ? await this.session.send('message.edit', { message_id: id, revision, text })
        : await this.session.send('question.edit', { question_id: id, revision, text });
    return answer.ok ? null : answer.refused;
  }

  async reply(item: Item, text: string): Promise<Refused | null> {
    const answer = await this.session.send('message.post', { text, reply_to: item.id });
    return answer.ok ? null : answer.refused;
  }

  async setMode(change: SetMode): Promise<void> {
    const answer = await this.session.send('mode.set', change);
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    else if (change.review) {
      toasts.show(change.review === 'before' ? m.mod_review_is_before() : m.mod_review_is_after());
    }
  }

  /** Raises the shield with the set chosen on this device, or lowers it. */
  async setShield(on: boolean, reason?: string): Promise<void> {
    const answer = await this.session.send(
      'shield.set',
      on ? { on, rules: chosenShield(), ...(reason ? { reason } : {}) } : { on },
    );
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
    else if (!on) toasts.show(m.mod_shield_is_down(), 'good');
  }

  isOnScreen(item: Item): boolean {
    const shown = this.session.snapshot?.screen;
    return shown?.id === item.id && shown.kind === item.kind;
  }

  /** Puts it before everyone, or takes it off again. */
  async toggleScreen(item: Item): Promise<void> {
    const answer = this.isOnScreen(item)
      ? await this.session.send('screen.clear', {})
      : await this.session.send('screen.set', { subject: { kind: item.kind, id: item.id } });
    if (!answer.ok) toasts.show(sentence(answer.refused), 'bad');
  }
}
