/** The glossary's words in the reader's language. */
import { m } from '$messages';
import { getLocale } from '$runtime';

const segments: Record<string, () => string> = {
  customer: m.ui_segment_customer,
  prospect: m.ui_segment_prospect,
  ambassador: m.ui_segment_ambassador,
  influencer: m.ui_segment_influencer,
  general: m.ui_segment_general,
};

const states = {
  draft: m.ui_state_draft,
  lobby: m.ui_state_lobby,
  live: m.ui_state_live,
  ended: m.ui_state_ended,
};

const roles = {
  owner: m.ui_role_owner,
  host: m.ui_role_host,
  moderator: m.ui_role_moderator,
  guest: m.ui_role_guest,
  viewer: m.ui_role_viewer,
};

/** The built-in segments, by id. */
export const SEGMENTS: readonly string[] = Object.keys(segments);

/** The session's own segments by id, as far as a page has learned them. */
const own = new Map<string, Named>();

interface Named {
  readonly id: string;
  readonly name?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly colour?: string | null;
}

/** What the session's own segments are called and how they look, for all that only knows their ids. */
export function learnSegments(infos: readonly Named[]): void {
  for (const info of infos) own.set(info.id, info);
}

/** A built-in segment by its word; one of the session's own by its name, or its id until that is known. */
export function segmentName(segment: string): string {
  return segments[segment]?.() ?? segmentLabel(own.get(segment) ?? { id: segment, name: segment });
}

/** The built-in segment that one looks like: itself, or what it is part of. */
export function segmentTone(segment: string): string {
  const whole = segment.split('/')[0] ?? '';
  return whole in segments ? whole : 'general';
}

/** The colour that the organiser gave a segment of the session's own, as CSS has it. */
export function segmentColour(segment: string): string | undefined {
  const colour = own.get(segment)?.colour;
  return colour ? `var(--label-${colour})` : undefined;
}

/** A segment as the reader's language has it: the organiser's name for it, or the built-in word. */
export function segmentLabel({ id, name, names = {} }: Named): string {
  return names[getLocale()] ?? name ?? Object.values(names)[0] ?? segmentName(id);
}

export function stateName(state: keyof typeof states): string {
  return states[state]();
}

export function roleName(role: keyof typeof roles): string {
  return roles[role]();
}
