/** Every seat's picture in place of one. */
import { WhepPlayer } from '$core/media/whep';
import type { Viewer } from './viewer.svelte';

/** How many places a stage has. */
const SEATS = 4;
/** What a machine needs to let one viewer in anew, with room to spare: it does so some 200 times a second. */
const EACH_MS = 10;
/** Nobody waits longer than this for the picture of a guest; until then the one who speaks is seen. */
const LONGEST_MS = 5_000;

let due = false;

/**
 * Asks for all seats beside the picture that plays, in a moment: a guest who arrives is news for the
 * whole audience at once, and it does not come to the door at once. Who is on stage does not wait.
 */
export function widen(viewer: Viewer): void {
  if (due) return;
  const { pulse, snapshot } = viewer.session;
  const spread_ms = snapshot?.you.call ? 0 : Math.min((pulse?.present ?? 0) * EACH_MS, LONGEST_MS);
  due = true;
  setTimeout(() => {
    due = false;
    // Nothing may have come of it, or all may be there already.
    if (viewer.picture.state === 'playing' && !viewer.picture.streams.length) ask(viewer);
  }, Math.random() * spread_ms);
}

/**
 * The picture that plays goes on until all are there, and for good where they cannot be had. Who comes
 * and goes afterwards changes nothing about the link.
 */
function ask({ picture, slug }: Viewer): void {
  const before = picture.player;
  const wide = new WhepPlayer({
    slug,
    seats: SEATS,
    onState: (state) => {
      if (picture.player === wide) picture.state = state;
      else if (state !== 'connecting' && state !== 'closed') wide.close();
    },
    onStream: (stream, all) => {
      if (picture.player !== wide) {
        // The show may have ended meanwhile, or the machine may carry the sound alone.
        if (before.state === 'closed' || all.length < SEATS) return wide.close();
        picture.player = wide;
        before.close();
        picture.state = 'playing';
      }
      picture.streams = all;
      picture.stream = stream;
    },
  });
  wide.start();
}
