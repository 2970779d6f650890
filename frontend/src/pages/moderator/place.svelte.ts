/** Where a moderator works: the desk, the keys, what is open, and the way the focus walks. */
import { tick } from 'svelte';
import type { Session } from '$core/session.svelte';
import type { Verdict } from '$wire/types';
import { Desk } from './desk.svelte';
import type { DialogName } from './dialogs';
import type { Item, LaneId } from './items';
import { Keys } from './keys.svelte';
import { People } from './people.svelte';

export const LANES: readonly LaneId[] = ['handle', 'live', 'host', 'answered', 'aside'];

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
  /** Whether the show plays without sound. */
  muted = $state(true);
  /** Whether the shield's key is being held. */
  shielding = $state(false);
  searchField: HTMLInputElement | undefined = $state();
  opened: Opened | null = $state.raw(null);

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

  async focus(key: string | undefined): Promise<void> {
    if (key === undefined) return;
    this.desk.focused = key;
    await tick();
    document.querySelector<HTMLElement>(`[data-item="${CSS.escape(key)}"]`)?.focus();
  }

  /** The next or the former item of the lane. */
  step(by: 1 | -1): void {
    const { desk } = this;
    const lane = this.#laneOf(desk.focused) ?? LANES.find((each) => desk.order[each]?.length);
    if (!lane) return;
    const order = desk.order[lane] ?? [];
    const at = desk.focused === null ? -1 : order.indexOf(desk.focused);
    void this.focus(order[at < 0 ? 0 : Math.min(order.length - 1, Math.max(0, at + by))]);
  }

  stepLane(by: 1 | -1): void {
    const { desk } = this;
    const lanes = LANES.filter((lane) => desk.order[lane]?.length);
    const lane = this.#laneOf(desk.focused);
    const at = lane ? lanes.indexOf(lane) + by : 0;
    const target = lanes[Math.min(lanes.length - 1, Math.max(0, at))];
    if (target) void this.focus(desk.order[target]?.[0]);
  }

  /** Decides, and goes on to the item below, so that a queue is worked through without a mouse. */
  readonly decide = async (item: Item, verdict: Verdict): Promise<void> => {
    const { desk } = this;
    const lane = this.#laneOf(item.key);
    const order = (lane && desk.order[lane]) ?? [];
    const at = order.indexOf(item.key);
    const next = order[at + 1] ?? order[at - 1];
    const done = desk.decide(item, verdict);
    desk.focused = null;
    if (next) await this.focus(next);
    else {
      await tick();
      document.getElementById(`lane-${lane ?? 'handle'}`)?.focus();
    }
    await done;
  };

  #laneOf(key: string | null): LaneId | undefined {
    return LANES.find((lane) => key !== null && this.desk.order[lane]?.includes(key));
  }
}
