/** Where a moderator works: the desk, the keys, what is open, and the way the focus walks. */
import { tick } from 'svelte';
import { m } from '$messages';
import type { Session } from '$core/session.svelte';
import { toasts } from '$ui/toasts.svelte';
import type { Verdict } from '$wire/types';
import { Desk } from './desk.svelte';
import type { DialogName } from './dialogs';
import type { Item, LaneId } from './items';
import { Keys } from './keys.svelte';
import { People } from './people.svelte';
import { AT_ONCE } from './selection.svelte';

export const LANES: readonly LaneId[] = ['handle', 'live', 'host', 'answered', 'aside', 'all'];

/** A dialog on top of the console, and the item it is about. */
export interface Opened {
  readonly name: DialogName;
  readonly item: Item | null;
}

export class Place {
  readonly desk: Desk;
  readonly people: People;
  readonly keys = new Keys();
  /** Whether the lane of what was set aside stands beside the others. */
  aside = $state(false);
  /** On a narrow screen: the one lane in sight, or `team` for the side area. */
  tab = $state('handle');
  /** The panel in the side area, by its id in `panels.ts`. */
  panel = $state('now');
  /** Whether filters and orders are in sight. */
  filtering = $state(false);
  /** Whether the show plays without sound. */
  muted = $state(true);
  /** The key that is being held, of those that must be. */
  held: 'shield' | 'slate' | null = $state(null);
  searchField: HTMLInputElement | undefined = $state();
  opened: Opened | null = $state.raw(null);

  /** The lanes in the document, and how each brings a row into it. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- asked when a key is pressed, never shown
  readonly #mounted = new Map<LaneId, (key: string) => void>();

  constructor(readonly session: Session) {
    this.desk = new Desk(session);
    this.people = new People(session);
  }

  /** Opens a dialog of `dialogs.ts`; about the item under the keys, unless another is given. */
  open(name: DialogName, item = this.desk.focusedItem): void {
    this.opened = { name, item };
  }

  readonly close = (): void => {
    this.opened = null;
  };

  /** Shows or hides what was set aside; where one lane is in sight, goes there. */
  toggleAside(): void {
    this.aside = !this.aside;
    this.tab = this.aside ? 'aside' : 'handle';
  }

  /** Shows or hides the filters; the first of them is at hand at once. */
  toggleFilters(): void {
    this.filtering = !this.filtering;
    if (this.filtering) {
      void tick().then(() => document.querySelector<HTMLElement>('[data-filters] select')?.focus());
    }
  }

  /** Shows a panel of `panels.ts` beside the lanes. */
  showPanel(id: string): void {
    this.panel = id;
    this.tab = 'team';
  }

  /** Opens someone's card beside the lanes, where it covers nothing; asked again, goes into it. */
  showPerson(id: string): void {
    const open = this.panel === 'person' && this.people.shown === id;
    this.people.show(id);
    this.showPanel('person');
    if (open) document.getElementById('person-card')?.focus();
  }

  closePerson(): void {
    this.people.hide();
    this.panel = 'now';
    void this.focus(this.desk.focused ?? undefined);
  }

  /** A lane is in the document from now on, until what this gives back is called. */
  mount(lane: LaneId, reveal: (key: string) => void): () => void {
    this.#mounted.set(lane, reveal);
    return () => {
      if (this.#mounted.get(lane) === reveal) this.#mounted.delete(lane);
    };
  }

  async focus(key: string | undefined): Promise<void> {
    if (key === undefined) return;
    this.desk.focused = key;
    const lane = this.laneOf(key);
    if (lane) this.#mounted.get(lane)?.(key);
    await tick();
    document.querySelector<HTMLElement>(`[data-item="${CSS.escape(key)}"]`)?.focus();
  }

  /** The next or the former item of the lane; `choosing` takes it along. */
  step(by: 1 | -1, choosing = false): void {
    const { desk } = this;
    const from = desk.focused;
    const lane = this.laneOf(from) ?? this.#filled()[0];
    if (!lane) return;
    const standing = desk.standing(lane);
    const at = from === null ? -1 : standing.indexOf(from);
    const to = standing.keyAt(at < 0 ? 0 : Math.min(standing.length - 1, Math.max(0, at + by)));
    if (choosing && from !== null && !desk.selection.has(from)) desk.selection.toggle(from);
    void this.focus(to);
    if (choosing && to !== undefined) this.chooseUpTo(to);
  }

  stepLane(by: 1 | -1): void {
    const lanes = this.#filled();
    const lane = this.laneOf(this.desk.focused);
    const at = lane ? lanes.indexOf(lane) + by : 0;
    const target = lanes[Math.min(lanes.length - 1, Math.max(0, at))];
    if (target) void this.focus(this.desk.standing(target).keyAt(0));
  }

  /** Chooses an item to be acted on together with others, or no longer. */
  choose(key: string): void {
    if (!this.desk.selection.toggle(key)) tellFull();
  }

  /** Everything from the item chosen last up to this one. */
  chooseUpTo(key: string): void {
    const lane = this.laneOf(key);
    if (!lane) return;
    const standing = this.desk.standing(lane);
    const order = Array.from({ length: standing.length }, (_, at) => standing.keyAt(at) ?? '');
    if (!this.desk.selection.extend(key, order)) tellFull();
  }

  /** What is chosen, as it is now. */
  get chosen(): Item[] {
    return [...this.desk.selection.keys].flatMap((key) => this.desk.item(key) ?? []);
  }

  /** Decides, and goes on to the item below, so that a queue is worked through without a mouse. */
  readonly decide = async (item: Item, verdict: Verdict): Promise<void> => {
    const { desk } = this;
    const lane = this.laneOf(item.key);
    const next = this.#after(lane, (key) => key === item.key);
    const done = desk.decisions.decide(item, verdict);
    await this.#goOn(lane, next);
    await done;
  };

  /** Decides on all that is chosen at once, each by the first of these verdicts that fits it. */
  async decideChosen(wanted: readonly Verdict[]): Promise<void> {
    const { desk } = this;
    const { chosen } = this;
    const lane = this.laneOf(desk.focused);
    const next = this.#after(lane, (key) => desk.selection.has(key));
    const done = desk.decisions.decideMany(chosen, wanted);
    desk.selection.clear();
    await this.#goOn(lane, next);
    await done;
  }

  laneOf(key: string | null): LaneId | undefined {
    if (key === null) return undefined;
    return LANES.find((lane) => this.#mounted.has(lane) && this.desk.standing(lane).indexOf(key) >= 0);
  }

  /** The row that will be under the keys once these have left. */
  #after(lane: LaneId | undefined, leaves: (key: string) => boolean): string | undefined {
    if (!lane) return undefined;
    const standing = this.desk.standing(lane);
    const { focused } = this.desk;
    const start = focused === null ? 0 : Math.max(0, standing.indexOf(focused));
    for (let at = start; at < standing.length; at += 1) {
      const key = standing.keyAt(at);
      if (key !== undefined && !leaves(key)) return key;
    }
    for (let at = start - 1; at >= 0; at -= 1) {
      const key = standing.keyAt(at);
      if (key !== undefined && !leaves(key)) return key;
    }
    return undefined;
  }

  async #goOn(lane: LaneId | undefined, next: string | undefined): Promise<void> {
    this.desk.focused = null;
    if (next) {
      await this.focus(next);
      return;
    }
    await tick();
    document.getElementById(`lane-${lane ?? 'handle'}`)?.focus();
  }

  #filled(): LaneId[] {
    return LANES.filter((lane) => this.#mounted.has(lane) && this.desk.standing(lane).length > 0);
  }
}

function tellFull(): void {
  toasts.show(m.mod_chosen_full({ count: AT_ONCE }), 'bad');
}
