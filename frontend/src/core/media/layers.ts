/**
 * The picture in several sizes at once (simulcast), so that each viewer gets one that their link
 * carries, and nobody waits for the slowest.
 */

/** How the bit rate is shared, smallest layer first, by how many there are. */
const SHARES: Record<number, readonly number[]> = { 1: [1], 2: [0.15, 0.85], 3: [0.06, 0.2, 0.74] };
const RIDS = ['low', 'mid', 'high'];
/** A picture without a track yet is taken for a usual camera's. */
const USUAL_HEIGHT = 720;

/** Bounds of the bit rates of so many layers, in bits/s; together `total_bps`. */
export function shares(count: number, total_bps: number): number[] {
  return (SHARES[count] ?? [1]).map((share) => Math.round(share * total_bps));
}

/** What to send of this track: each layer half as high as the next, none of them tiny. */
export function layers(track: MediaStreamTrack | null, total_bps: number): RTCRtpEncodingParameters[] {
  const height = track?.getSettings().height ?? USUAL_HEIGHT;
  const count = height >= 540 ? 3 : height >= 300 ? 2 : 1;
  const bounds = shares(count, total_bps);
  if (count === 1) return [{ maxBitrate: total_bps }];
  return bounds.map((maxBitrate, index) => ({
    rid: RIDS[index + RIDS.length - count] as string,
    scaleResolutionDownBy: 2 ** (count - 1 - index),
    maxBitrate,
    // Every second frame can be left out for a link that is a little too slow.
    scalabilityMode: 'L1T2',
  }));
}
