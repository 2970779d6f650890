/** What may stand beside the lanes, under the show: one panel in sight, the others as tabs. */
import type { Component } from 'svelte';
import { m } from '$messages';
import type { Place } from './place.svelte';
import NowPanel from './NowPanel.svelte';

export interface PanelProps {
  place: Place;
}

export interface Panel {
  readonly id: string;
  readonly label: () => string;
  readonly component: Component<PanelProps>;
}

export const PANELS: readonly Panel[] = [{ id: 'now', label: m.mod_panel_now, component: NowPanel }];
