/**
 * The show some seconds late, over HTTPS, where WebRTC brings none. It goes on until WebRTC does, which
 * is tried now and then.
 */
import { API, call } from '$core/http';
import type { Picture } from './picture.svelte';

const ASK_AGAIN_MS = 4_000;
/** Nothing shown for so long: asked for anew. */
const STALLED_MS = 10_000;
/** How long WebRTC is left alone between two tries, at least; at most it is twice as long. */
const TRY_AGAIN_MS = 30_000;

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

  const later = (): void => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(() => void begin(), ASK_AGAIN_MS * (1 + Math.random()));
  };

  const lost = (): void => {
    end?.();
    end = null;
    picture.late = '';
    picture.player.patience_ms = 0;
    later();
  };

  const moved = (): void => {
    seen_ms = performance.now();
    if (end && !picture.late) {
      picture.late = video.videoWidth ? 'picture' : 'sound';
      picture.player.patience_ms = TRY_AGAIN_MS * (1 + Math.random());
    }
  };

  const watch = setInterval(() => {
    if (end && !video.paused && performance.now() - seen_ms > STALLED_MS) lost();
  }, 1_000);

  async function begin(): Promise<void> {
    const now = await call<HlsNow>(path);
    if (over) return;
    if (!now.ok || !now.value.sound) {
      if (!now.ok || now.value.lack !== 'off') later();
      return;
    }
    const name = now.value.picture && !picture.soundOnly ? 'video' : 'sound';
    const parts = now.value.low_latency;
    const url = `${API}${path}/${name}.m3u8${parts ? '' : '?parts=0'}`;
    seen_ms = performance.now();
    if (isNative(video)) {
      picture.stream = video.srcObject = null;
      video.src = url;
      video.addEventListener('error', lost);
      end = () => video.removeEventListener('error', lost);
    } else {
      const { playPieces } = await import('$core/media/hls');
      if (over) return;
      // What a former leg left would be put back.
      picture.stream = video.srcObject = null;
      picture.streams = [];
      end = playPieces(video, url, parts, lost);
    }
    await picture.start(video);
  }

  // Another network may let WebRTC through.
  const tryNow = (): void => {
    picture.player.patience_ms = 0;
    picture.retry();
  };

  addEventListener('online', tryNow);
  video.addEventListener('timeupdate', moved);
  void begin();
  return () => {
    over = true;
    clearTimeout(timer);
    clearInterval(watch);
    removeEventListener('online', tryNow);
    video.removeEventListener('timeupdate', moved);
    end?.();
    picture.late = '';
    picture.player.patience_ms = 0;
    if (video.hasAttribute('src')) {
      video.removeAttribute('src');
      if (!video.srcObject) video.load();
    }
  };
}
