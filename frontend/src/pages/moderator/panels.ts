/** What may stand beside the lanes, under the show: one panel in sight, the others as tabs. */
import type { Component } from 'svelte';
import { m } from '$messages';
import type { Place } from './place.svelte';
import { waiting } from '$ui/stage/calls';
import { unanswered } from '$ui/settle/unanswered';
import HeardPanel from './HeardPanel.svelte';
import HistoryPanel from './HistoryPanel.svelte';
import MeanwhilePanel from './MeanwhilePanel.svelte';
import NowPanel from './NowPanel.svelte';
import PersonPanel from './PersonPanel.svelte';
import PulsePanel from './PulsePanel.svelte';
import RunshowPanel from './RunshowPanel.svelte';
import PollsPanel from './PollsPanel.svelte';
import StagePanel from './StagePanel.svelte';
import UnansweredPanel from './UnansweredPanel.svelte';

export interface PanelProps {
  place: Place;
}

export interface Panel {
  readonly id: string;
  readonly label: () => string;
  readonly component: Component<PanelProps>;
  /** How much waits there. */
  readonly count?: (place: Place) => number;
  /** Whether there is anything in it; always, where that is not said. */
  readonly isThere?: (place: Place) => boolean;
}

export const PANELS: readonly Panel[] = [
  { id: 'now', label: m.mod_panel_now, component: NowPanel },
  { id: 'runshow', label: m.runshow_title, component: RunshowPanel },
  {
    id: 'pulse',
    label: m.pulse_panel,
    component: PulsePanel,
    count: ({ session }) => session.snapshot?.cues?.filter((cue) => !cue.outcome).length ?? 0,
  },
  { id: 'person', label: m.mod_panel_person, component: PersonPanel },
  { id: 'heard', label: m.mod_panel_heard, component: HeardPanel, count: (place) => place.people.waiting },
  {
    id: 'unanswered',
    label: m.unanswered_short,
    component: UnansweredPanel,
    count: (place) => unanswered(place.session.questions).length,
  },
  {
    id: 'polls',
    label: m.poll_section,
    component: PollsPanel,
    count: ({ session }) => session.snapshot?.polls.filter((each) => each.status === 'open').length ?? 0,
  },
  {
    id: 'stage',
    label: m.stage_title,
    component: StagePanel,
    count: ({ session }) => waiting(session.snapshot).length,
  },
  { id: 'history', label: m.history_title, component: HistoryPanel },
  {
    id: 'meanwhile',
    label: m.desk_away_title,
    component: MeanwhilePanel,
    isThere: ({ desk }) => desk.absence.last !== null,
    count: ({ desk }) => (desk.absence.fresh ? desk.absence.decided + (desk.absence.last?.arrived ?? 0) : 0),
  },
];
