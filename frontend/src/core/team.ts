/** Folds what only the team is told into a snapshot: importing this teaches the reducer to. */
import type { Marks, Paper, Participant, Poll, RunshowChanged, Snapshot, Subject } from '../wire/types';
import { filed, type Identified, indexOf, renamed, resigned, signed, sortedBy, standing, upserted, without, withTeam } from './reducer';

/** How many of the team's own latest things are kept. */
const KEPT = { decisions: 50, staff_says: 50, reports: 100, cues: 30 };

/** How many papers the team keeps, besides those that wait. */
const PAPERS_KEPT = 100;

withTeam((draft, event) => {
  switch (event.type) {
    case 'decision.made':
      if (draft.decisions) draft.decisions = kept(draft.decisions, event.data.decision, KEPT.decisions);
      return;
    case 'staff.said':
      if (draft.staff_says) draft.staff_says = kept(draft.staff_says, event.data.say, KEPT.staff_says);
      return;
    case 'report.filed':
      if (draft.reports) draft.reports = kept(draft.reports, event.data.report, KEPT.reports);
      return;
    case 'report.settled': {
      const { report_id, outcome } = event.data;
      if (!draft.reports) return;
      draft.reports = draft.reports.map((each) => (each.id === report_id ? { ...each, outcome } : each));
      return;
    }
    case 'labels.changed':
      draft.labels = event.data.labels;
      return;
    case 'subject.marked': {
      const { messages, questions, held, you } = draft;
      const { subject, marks } = event.data;
      draft.messages = marked(messages, subject.id, marks);
      draft.questions = { ...questions, items: marked(questions.items, subject.id, marks) };
      draft.you = { ...you, mine: marked(you.mine, subject.id, marks) };
      if (held) draft.held = { ...held, items: marked(held.items, subject.id, marks) };
      return;
    }
    case 'proposal.raised':
      if (draft.proposals) draft.proposals = upserted(draft.proposals, event.data.proposal);
      return;
    case 'proposal.settled':
      if (draft.proposals) draft.proposals = without(draft.proposals, event.data.proposal_id);
      return;
    case 'cue.raised':
    case 'cue.settled':
      if (draft.cues) draft.cues = kept(draft.cues, event.data.cue, KEPT.cues);
      return;
    case 'call.changed': {
      if (!draft.calls) return;
      const { call } = event.data;
      const others = draft.calls.filter((each) => each.person?.id !== call.person?.id);
      const open = call.status === 'waiting' || call.status === 'backstage' || call.status === 'on_air';
      draft.calls = open ? [...others, call].sort(byTime) : others;
      return;
    }
    case 'cues.tuned':
      if (draft.cueing) draft.cueing = event.data.cueing;
      return;
    case 'listening.changed':
      if (draft.listening) draft.listening = event.data.listening;
      return;
    case 'participant.changed':
      return participant(draft, event.data.participant);
    case 'paper.changed':
      return paper(draft, event.data.paper);
    case 'part.changed':
    case 'runshow.changed':
    case 'runshow.moved':
      return runshow(draft, event.data);
    case 'announcement.saved': {
      const told = event.data.announcement;
      const others = without(draft.saved_announcements ?? [], told.id);
      draft.saved_announcements = told.status === 'saved' ? [...others, told].sort(byTime) : others;
      return;
    }
    case 'poll.prepared':
      draft.polls = standing<Poll>(draft.polls, event.data.poll);
      return;
    case 'claim.changed': {
      if (!draft.claims) return;
      const { subject, claim } = event.data;
      const others = draft.claims.filter((each) => nameOf(each.subject) !== nameOf(subject));
      draft.claims = claim ? sortedBy([...others, claim], (each) => nameOf(each.subject)) : others;
    }
  }
});

/** Whoever signed something of the team's goes by their new name. */
function participant(draft: Snapshot, who: Participant): void {
  if (draft.held) draft.held = { ...draft.held, items: renamed(draft.held.items, who) };
  if (draft.staff_says) draft.staff_says = renamed(draft.staff_says, who);
  if (draft.decisions) draft.decisions = draft.decisions.map((each) => signed(each, 'by', who));
  if (draft.parts) draft.parts = draft.parts.map((each) => signed(each, 'by', who));
  if (draft.claims) draft.claims = draft.claims.map((each) => signed(each, 'by', who));
  if (draft.reports) draft.reports = draft.reports.map((each) => signed(each, 'by', who));
  if (draft.sanctions) draft.sanctions = draft.sanctions.map((each) => signed(each, 'by', who));
  if (draft.cues) draft.cues = draft.cues.map((each) => signed(each, 'by', who));
  const { slate } = draft.stage;
  if (slate) draft.stage = { ...draft.stage, slate: signed(slate, 'by', who) };
  if (draft.calls) draft.calls = draft.calls.map((each) => signed(signed(each, 'person', who), 'by', who));
  if (draft.papers) draft.papers = draft.papers.map((each) => resigned(each, who));
}

/** The window leaves out none that waits. */
function paper(draft: Snapshot, told: Paper): void {
  if (!draft.papers) return;
  const all = filed(draft.papers, told);
  const others = all.filter((each) => each.status !== 'waiting').slice(-PAPERS_KEPT);
  draft.papers = all.filter((each) => each.status === 'waiting' || others.includes(each));
}

/** The parts in their order: those that changed in their places, those removed gone. */
function runshow(draft: Snapshot, told: RunshowChanged): void {
  draft.runshow = told.runshow;
  if (!draft.parts || !told.parts) return;
  let parts = draft.parts;
  for (const part of told.parts) {
    const known = parts.find((each) => each.id === part.id);
    if (part.status === 'removed') parts = without(parts, part.id);
    else if (!known || known.revision <= part.revision) parts = [...without(parts, part.id), part];
  }
  const order = told.runshow?.order ?? [];
  draft.parts = parts.toSorted((one, other) => place(order, one.id) - place(order, other.id));
}

function place(order: readonly string[], id: string): number {
  const found = order.indexOf(id);
  return found < 0 ? order.length : found;
}

/** The same items with these marks of the team's, which raise no revision. */
function marked<T extends Identified>(items: T[], id: string, marks: Marks): T[] {
  const known = indexOf(items, id);
  const item = items[known];
  if (!item || !('text' in item)) return items;
  return items.with(known, { ...item, labels: undefined, assignee: undefined, ...marks });
}

/** The latest of the team's own things; the server keeps as many. */
function kept<T extends Identified>(items: T[], item: T, window: number): T[] {
  return upserted(items, item).slice(-window);
}

function byTime(one: { at: string; id: string }, other: { at: string; id: string }): number {
  return one.at < other.at || (one.at === other.at && one.id < other.id) ? -1 : 1;
}

function nameOf(subject: Subject): string {
  return `${subject.kind} ${subject.id}`;
}
