/** What comes of the picture on one leg: asked, and chosen. */
import { send } from '../http';
import type { Leg } from './leg';

const TIMEOUT_MS = 1_500;
/** Sound comes every 20 ms. */
const HEARD_MS = 200;

/** How to watch; what is left out stays as it was. Heights in pixels of the screen. */
export interface LayerWish {
  quality?: 'auto' | 'high' | 'low' | 'audio';
  max_height?: number;
}

/** No picture where it is sound alone: by choice, or for a link that carries no more. */
export interface Watched {
  picture: boolean;
  height: number | null;
  short_link: boolean;
}

/** Takes a wish to a leg on the server; null if nothing can be told. */
export async function layer(leg: Leg | null, wish?: LayerWish): Promise<Watched | null> {
  if (!leg?.resource) return null;
  const init: RequestInit = wish ? { method: 'POST', body: JSON.stringify(wish) } : {};
  const sent = await send(`${leg.resource}/layer`, {
    ...init,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // The time may also be over while the answer is read.
  return sent.ok ? sent.value.json().catch(() => null) : null;
}

/** What is to come, where sound comes and the picture stands still; null at once where nothing comes. */
export async function stillness(leg: Leg): Promise<Watched | null> {
  const before = await packets(leg.pc);
  await new Promise((passed) => setTimeout(passed, HEARD_MS));
  return (await packets(leg.pc)) > before ? layer(leg) : null;
}

async function packets(pc: RTCPeerConnection): Promise<number> {
  let total = 0;
  for (const row of (await pc.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (row.type === 'inbound-rtp') total += Number(row.packetsReceived ?? 0);
  }
  return total;
}
