/** What stands against oneself, in sentences; asked of the server where no socket may be opened. */
import { m } from '$messages';
import { dateAndTime } from '$ui/format';
import type { Paper, Sanction } from '$wire/types';

export interface Standing {
  sanctions: Sanction[];
  appeals: Paper[];
}

/** What it is, until when, and why. */
export function told(sanction: Sanction, locale: string): string {
  const what = {
    timeout: m.viewer_stands_timeout,
    mute: m.viewer_stands_mute,
    ban: sanction.scope === 'brand' ? m.viewer_stands_brand : m.viewer_stands_ban,
    // Set by the server itself, it has no author and no reason of anyone's.
    review: m.viewer_sanction_review,
  }[sanction.kind]();
  const until = sanction.until ? ` ${m.viewer_stands_until({ time: dateAndTime(sanction.until, locale) })}` : '';
  const reason = sanction.reason ? ` ${m.viewer_stands_reason({ reason: sanction.reason })}` : '';
  return what + until + reason;
}

/** The appeal against this sanction, if it was made: an appeal names the kind and the moment. */
export function appealAgainst(sanction: Sanction, papers: readonly Paper[]): Paper | undefined {
  const at_ms = Date.parse(sanction.at);
  return papers.findLast((paper) => {
    if (paper.kind !== 'appeal' || !paper.about) return false;
    const colon = paper.about.indexOf(':');
    const against_ms = Date.parse(paper.about.slice(colon + 1));
    return paper.about.slice(0, colon) === sanction.kind && Math.abs(against_ms - at_ms) < 2;
  });
}
