/** What people write, as pieces: words and links. The finder of links is loaded with the first dot. */

import { later } from './later';

export interface Piece {
  text: string;
  /** Where the piece leads; absent for words. */
  href?: string;
}

type Tokenize = typeof import('linkifyjs').tokenize;

let tokenize = $state.raw<Tokenize | null>(null);
let loading = false;

/** Cheap enough for every message: without one of these there is no link to find. */
const MAY_HOLD_LINK = /\S\.\S|:\/\//;

/** The pieces of a text. A link that is not found yet shows as words, and turns when it is. */
export function pieces(text: string): Piece[] {
  if (!MAY_HOLD_LINK.test(text)) return [{ text }];
  if (!tokenize) {
    load();
    return [{ text }];
  }
  return tokenize(text).map((token) => {
    const href = token.isLink ? token.toHref('https') : '';
    // Only what a browser opens as a page or a letter; whatever else a text holds stays words.
    return /^(https?:|mailto:)/i.test(href) ? { text: token.v, href } : { text: token.v };
  });
}

function load(): void {
  if (loading) return;
  loading = true;
  later.links().then(
    (linkify) => (tokenize = linkify.tokenize),
    // Offline: the next text with a dot tries again.
    () => (loading = false),
  );
}
