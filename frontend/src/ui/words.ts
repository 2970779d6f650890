/** The glossary's words in the reader's language. */
import { m } from '$messages';

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

/** A built-in segment by its word; a custom one by its own id, until its name is given. */
export function segmentName(segment: string): string {
  return segments[segment]?.() ?? segment;
}

export function stateName(state: keyof typeof states): string {
  return states[state]();
}

export function roleName(role: keyof typeof roles): string {
  return roles[role]();
}
