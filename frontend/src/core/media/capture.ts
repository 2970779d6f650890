/** Notices a camera or microphone that is taken away while it is in use: by a call, a cable, a setting. */

/** The system mutes a track for a moment when devices change; past this it is meant. */
const MUTED_MS = 800;

export class CaptureWatch {
  #stop: (() => void) | undefined;

  constructor(private readonly onLost: () => void) {}

  /** Watches these tracks from now on, and no others. */
  watch(tracks: readonly MediaStreamTrack[]): void {
    this.close();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lost = (): void => {
      this.close();
      this.onLost();
    };
    const look = (): void => {
      clearTimeout(timer);
      if (tracks.some((track) => track.readyState === 'ended')) return lost();
      if (tracks.some((track) => track.muted)) timer = setTimeout(lost, MUTED_MS);
    };
    const ended = (): void => lost();
    for (const track of tracks) {
      track.addEventListener('ended', ended);
      track.addEventListener('mute', look);
      track.addEventListener('unmute', look);
    }
    this.#stop = () => {
      clearTimeout(timer);
      for (const track of tracks) {
        track.removeEventListener('ended', ended);
        track.removeEventListener('mute', look);
        track.removeEventListener('unmute', look);
      }
    };
    look();
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
