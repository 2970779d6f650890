/** Every seat's picture in place of one. */
import { WhepPlayer } from '$core/media/whep';
import type { Picture } from './picture.svelte';

/** How many places a stage has. */
const SEATS = 4;

/**
 * Asks for all seats beside the picture that plays, which goes on until they are there, and for good
 * where they cannot be had. Who comes and goes afterwards changes nothing about the link.
 */
export function widen(picture: Picture, slug: string): void {
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
