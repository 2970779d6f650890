/** What may stand beside the lanes, under the show: one panel in sight, the others as tabs. */
import type { Component } from 'svelte';
import { m } from '$messages';
import type { Place } from './place.svelte';
import HeardPanel from './HeardPanel.svelte';
import NowPanel from './NowPanel.svelte';
import PersonPanel from './PersonPanel.svelte';

export interface PanelProps {
  place: Place;
}

export interface Panel {
  readonly id: string;
  readonly label: () => string;
  readonly component: Component<PanelProps>;
  /** How much waits there. */
  readonly count?: (place: Place) => number;
}

export const PANELS: readonly Panel[] = [
  { id: 'now', label: m.mod_panel_now, component: NowPanel },
  { id: 'person', label: m.mod_panel_person, component: PersonPanel },
  { id: 'heard', label: m.mod_panel_heard, component: HeardPanel, count: (place) => place.people.waiting },
];
