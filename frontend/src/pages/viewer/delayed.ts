/**
 * The show some seconds late, over HTTPS, where WebRTC brings none. It goes on until WebRTC does, which
 * the page goes on trying.
 */
import { API, call } from '$core/http';
import type { Picture } from './picture.svelte';

const ASK_AGAIN_MS = 4_000;
/** Nothing shown for so long: asked for anew. */
const STALLED_MS = 10_000;

interface HlsNow {
  picture: boolean;
  sound: boolean;
  lack: string | null;
  low_latency: boolean;
}

/** Phones that play such playlists by themselves and nothing else. */
function isNative(video: HTMLVideoElement): boolean {
  return !('MediaSource' in window) && video.canPlayType('application/vnd.apple.mpegurl') !== '';
}

/** Plays in this element whatever there is, as long as there is some; returns the way to stop. */
export function playDelayed(picture: Picture, slug: string, video: HTMLVideoElement): () => void {
  const path = `/sessions/${encodeURIComponent(slug)}/hls`;
  let end: (() => void) | null = null;
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let seen_ms = 0;
  let soundOnly = false;

  /** The menu of qualities says so on the element that it is about. */
  const isSoundWished = (): boolean => video.dataset.quality === 'audio';

  const later = (pause_ms = ASK_AGAIN_MS): void => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(start, pause_ms * (1 + Math.random()));
  };

  // A part of the page that could not be fetched is asked for again.
  const start = (): void => void begin().catch(() => later());

  const lost = (pause_ms?: number): void => {
    end?.();
    end = null;
    picture.late = '';
    later(pause_ms);
  };

  const failed = (): void => lost();

  const moved = (): void => {
    seen_ms = performance.now();
    if (end && !picture.late) picture.late = video.videoWidth ? 'picture' : 'sound';
  };

  const watch = setInterval(() => {
    const stalled = !video.paused && performance.now() - seen_ms > STALLED_MS;
    // Chosen anew in the menu, the sound alone comes at once, and the picture after all.
    if (end && (stalled || soundOnly !== isSoundWished())) lost(0);
  }, 1_000);

  async function begin(): Promise<void> {
    const now = await call<HlsNow>(path);
    if (over) return;
    if (!now.ok || !now.value.sound) {
      if (!now.ok || now.value.lack !== 'off') later();
      return;
    }
    soundOnly = isSoundWished();
    const name = now.value.picture && !soundOnly ? 'video' : 'sound';
    const parts = now.value.low_latency;
    const url = `${API}${path}/${name}.m3u8${parts ? '' : '?parts=0'}`;
    seen_ms = performance.now();
    if (isNative(video)) {
      picture.stream = video.srcObject = null;
      video.src = url;
      video.addEventListener('error', failed);
      end = () => video.removeEventListener('error', failed);
    } else {
      const { playPieces } = await import('$core/media/hls');
      if (over) return;
      // What a former leg left would be put back.
      picture.stream = video.srcObject = null;
      picture.streams = [];
      end = playPieces(video, url, parts, failed);
    }
    await video.play().catch(async () => {
      // Sound is not allowed yet: rather a silent picture than none.
      picture.muted = video.muted = true;
      await video.play().catch((error: unknown) => {
        picture.blocked = error instanceof DOMException && error.name === 'NotAllowedError';
      });
    });
  }

  video.addEventListener('timeupdate', moved);
  start();
  return () => {
    over = true;
    clearTimeout(timer);
    clearInterval(watch);
    video.removeEventListener('timeupdate', moved);
    end?.();
    picture.late = '';
    if (video.hasAttribute('src')) {
      video.removeAttribute('src');
      if (!video.srcObject) video.load();
    }
  };
}
