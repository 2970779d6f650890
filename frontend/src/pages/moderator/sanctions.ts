/** What sanctions are called. */
import { m } from '$messages';
import type { SanctionKind } from '$wire/types';

const names: Record<SanctionKind, () => string> = {
  timeout: m.mod_sanction_timeout,
  mute: m.mod_sanction_mute,
  ban: m.mod_sanction_ban,
  review: m.mod_sanction_review,
};

export function sanctionName(kind: string | null): string {
  return kind !== null && kind in names ? names[kind as SanctionKind]() : (kind ?? '');
}

/** How long a timeout may be chosen to last, in seconds: the server takes 10 s to 24 h. */
export const LENGTHS_S = [10, 60, 300, 600, 3600, 86_400] as const;
