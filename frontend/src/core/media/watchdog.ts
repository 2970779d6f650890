/**
 * Notices a picture that stands still. A connection may say "connected" for half a minute after the
 * last packet, so only what arrives and what is shown counts.
 */

const TICK_MS = 500;
/** Without a frame for so long the picture is frozen. */
export const FROZEN_MS = 2_000;
/** The first frame may wait for a keyframe from the publisher. */
export const FIRST_FRAME_MS = 4_000;

export class Watchdog {
  #video: HTMLVideoElement | null = null;
  #pc: RTCPeerConnection | null = null;
  #onFirst: (() => void) | null = null;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #seen_ms = 0;
  #counted = 0;
  #expectVideo = true;
  #excused = false;
  #run = 0;

  constructor(private readonly onFrozen: () => void) {}

  /** The element whose frames count; one that is replaced is forgotten. */
  watch(video: HTMLVideoElement): void {
    this.#video = video;
    this.#awaitFrame(video);
  }

  /** Whether there should be a picture: without one, sound alone counts. */
  expectVideo(expected: boolean): void {
    this.#expectVideo = expected;
  }

  /** Whether it is known that nothing comes: then nothing is missed, until something is due again. */
  excuse(excused: boolean): void {
    this.#excused = excused;
    if (!excused) this.#allow();
  }

  /** Watches this leg from now on; `onFirst` is called once, when something arrives. */
  start(pc: RTCPeerConnection, onFirst: () => void): void {
    this.stop();
    this.#pc = pc;
    this.#onFirst = onFirst;
    this.#counted = 0;
    this.#allow();
    this.#ticker = setInterval(() => void this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.#run += 1;
    this.#pc = null;
    this.#onFirst = null;
  }

  #awaitFrame(video: HTMLVideoElement): void {
    if (!('requestVideoFrameCallback' in video)) return;
    video.requestVideoFrameCallback(() => {
      if (this.#video !== video) return;
      // Whatever was said: where one frame comes, the next is due.
      this.#expectVideo = true;
      if (this.#pc) this.#alive();
      this.#awaitFrame(video);
    });
  }

  #allow(): void {
    this.#seen_ms = performance.now() + FIRST_FRAME_MS - FROZEN_MS;
  }

  #alive(): void {
    this.#seen_ms = Math.max(this.#seen_ms, performance.now());
    const first = this.#onFirst;
    this.#onFirst = null;
    first?.();
  }

  /** Counters stand in for presented frames where none are: a hidden page, sound alone, old browsers. */
  async #tick(): Promise<void> {
    const run = this.#run;
    if (!this.#pc) return;
    const shown = this.#expectVideo && document.visibilityState === 'visible';
    const counted = await progress(this.#pc, shown);
    if (run !== this.#run) return;
    if (counted !== this.#counted && counted > 0) this.#alive();
    this.#counted = counted;
    if (!this.#excused && performance.now() - this.#seen_ms >= FROZEN_MS && this.#pc) {
      this.stop();
      this.onFrozen();
    }
  }
}

/** What grows while media arrives: decoded frames if a picture is due, else packets of any kind. */
async function progress(pc: RTCPeerConnection, video: boolean): Promise<number> {
  let total = 0;
  for (const row of (await pc.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (row.type !== 'inbound-rtp') continue;
    const counter = video ? row.framesDecoded : row.packetsReceived;
    if (typeof counter === 'number') total += counter;
  }
  return total;
}
