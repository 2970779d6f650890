/** The picture as runes: one player for the life of the page, whatever element shows it. */
import { type PlayState, WhepPlayer } from '$core/media/whep';
import type { Seat, Snapshot } from '$wire/types';

export class Picture {
  state = $state<PlayState>('closed');
  stream = $state.raw<MediaStream | null>(null);
  /** Browsers start nothing loud by themselves; the person turns the sound on. */
  muted = $state(true);
  volume = $state(1);
  /** Not even a silent picture was allowed to start by itself. */
  blocked = $state(false);
  /** The team has cut picture and sound: a slate stands for them. */
  cut = $state(false);
  /** What comes from each place of the stage, where more than one is asked for. */
  streams = $state.raw<MediaStream[]>([]);
  /** Others on the page play what is heard. */
  quiet = $state(false);
  /** What comes some seconds late by another way, while WebRTC brings nothing. */
  late = $state<'' | 'picture' | 'sound'>('');
  /** Who is seen; null while nobody is. */
  seat = $state.raw<Seat | null>(null);

  player: WhepPlayer;

  constructor(slug: string) {
    this.player = $state.raw(new WhepPlayer({
      slug,
      onState: (state) => {
        this.state = state;
      },
      onStream: (stream) => {
        this.stream = stream;
      },
    }));
  }

  /** Watches while the session is live, and asks at once for whoever comes on air. */
  follow(snapshot: Snapshot | null): void {
    const live = snapshot?.session.state === 'live';
    this.cut = live && snapshot.stage.slate !== null;
    if (!live) {
      if (snapshot) this.player.close();
      this.seat = null;
      return;
    }
    const seat = snapshot.stage.seats.find((each) => each.state === 'on_air') ?? snapshot.stage.seats[0];
    this.seat = seat ?? null;
    if (this.player.state === 'closed') this.player.start();
    this.player.setStage({
      key: seat ? `${seat.participant_id} ${seat.since}` : '',
      on_air: seat?.state === 'on_air',
      video: seat?.video ?? true,
      silent: seat?.state === 'silent',
      cut: this.cut,
    });
  }

  retry(): void {
    this.player.retry();
  }

  /** Lets this element show the picture, with the sound as it was set. */
  async showOn(video: HTMLVideoElement): Promise<void> {
    this.player.watch(video);
    video.muted = this.muted || this.cut || this.quiet;
    video.volume = this.volume;
    if (video.srcObject !== this.stream) video.srcObject = this.stream;
    if (this.stream) await this.#play(video);
  }

  async unmute(video: HTMLVideoElement): Promise<void> {
    this.muted = false;
    if (this.volume === 0) this.volume = 1;
    video.muted = this.cut || this.quiet;
    await this.#play(video);
  }

  async #play(video: HTMLVideoElement): Promise<void> {
    try {
      await video.play();
      this.blocked = false;
    } catch (error) {
      // A new stream interrupts the former one's start: its own `play` follows.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      if (this.muted) {
        this.blocked = true;
      } else {
        // Sound is not allowed yet: rather a silent picture than none.
        this.muted = video.muted = true;
        await this.#play(video);
      }
    }
  }
}
