/**
 * The host's own picture and sound: opened here, looked at here, and sent only after "on air".
 * What is muted or switched off stays seated: silence and black go out, so that nobody's player
 * takes it for a lost link.
 */
import { m } from '$messages';
import type { Outcome, Problem } from '$core/http';
import { CaptureWatch } from '$core/media/capture';
import {
  capture,
  captureScreen,
  type DeviceProblem,
  type Devices,
  listDevices,
  onDeviceChange,
  release,
} from '$core/media/devices';
import { LevelMeter } from '$core/media/level';
import type { LegStats } from '$core/media/stats';
import { StillPicture } from '$core/media/still';
import { type PublishState, WhipPublisher } from '$core/media/whip';

const STATS_MS = 2_000;
/** A new link is always short of bandwidth for a moment; after so many marks it is news. */
const STRAINED_AFTER = 5;
/** Below this for so long, a microphone is taken for silent. */
const SILENT = 0.04;
const SILENT_MS = 6_000;

/** Share of packets lost from which viewers notice it. */
const LOSSY = 0.03;
/** Pictures a second that a busy machine passes over before it is news. */
const DROPPED_PER_S = 5;

function strainOf(stats: LegStats): 'bandwidth' | 'cpu' | 'loss' | null {
  if (stats.loss > LOSSY) return 'loss';
  if (stats.limited_by === 'cpu' || stats.dropped_per_s > DROPPED_PER_S) return 'cpu';
  return stats.limited_by === 'bandwidth' ? 'bandwidth' : null;
}

export class Publishing {
  camera = $state.raw<MediaStream | null>(null);
  screen = $state.raw<MediaStream | null>(null);
  devices = $state.raw<Devices>({ cameras: [], microphones: [] });
  problem = $state.raw<DeviceProblem | null>(null);
  opening = $state(false);
  micOn = $state(true);
  cameraOn = $state(true);
  /** 0 to 1, as the microphone hears, muted or not. */
  level = $state(0);
  silent = $state(false);
  /** Camera or microphone were taken while on air: a still picture goes out until `resume`. */
  paused = $state(false);
  state = $state<PublishState>('off');
  refusal = $state.raw<Problem | null>(null);
  stats = $state.raw<LegStats | null>(null);
  /** What has held the picture back for a while now. */
  strain = $state<'bandwidth' | 'cpu' | 'loss' | null>(null);

  /** What the host sees of themselves, and viewers get. */
  readonly shown = $derived(this.screen ?? this.camera);
  readonly sending = $derived(['connecting', 'on_air', 'reconnecting'].includes(this.state));
  readonly hasMicrophone = $derived((this.camera?.getAudioTracks().length ?? 0) > 0);
  readonly hasCamera = $derived((this.camera?.getVideoTracks().length ?? 0) > 0);

  readonly #publisher: WhipPublisher;
  readonly #stopWatching: () => void;
  readonly #watch = new CaptureWatch(() => void this.#pause());
  #still: StillPicture | null = null;
  #meter: LevelMeter | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #heard_ms = 0;
  #strained = 0;

  constructor(slug: string) {
    this.#publisher = new WhipPublisher({
      slug,
      onState: (state, problem) => {
        this.state = state;
        this.refusal = problem ?? null;
        if (state !== 'on_air') this.stats = null;
      },
    });
    this.#stopWatching = onDeviceChange(() => void this.#list());
  }

  /** Opens camera and microphone for oneself alone; null for none of that kind. */
  async open(wish: { camera?: string | null; microphone?: string | null } = {}): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    const captured = await capture(wish);
    this.opening = false;
    if (!captured.ok) {
      this.problem = captured.problem;
      return;
    }
    this.problem = null;
    this.paused = false;
    const before = this.camera;
    this.camera = captured.stream;
    for (const track of captured.stream.getAudioTracks()) track.enabled = this.micOn;
    for (const track of captured.stream.getVideoTracks()) track.enabled = this.cameraOn;
    this.#listen();
    await this.#list();
    if (this.sending) await this.#resend();
    this.#endPause();
    release(before);
  }

  /** Opens by itself where the browser has been allowed before, so that nothing pops up unasked. */
  async openIfAllowed(): Promise<void> {
    try {
      const names = ['camera', 'microphone'] as PermissionName[];
      const asked = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
      if (asked.every((each) => each.state === 'granted')) await this.open();
    } catch {
      // This browser does not tell; the button is there.
    }
  }

  /** The device in use, as its id; null for none of that kind. */
  chosen(kind: 'camera' | 'microphone'): string | null {
    const tracks = kind === 'camera' ? this.camera?.getVideoTracks() : this.camera?.getAudioTracks();
    return tracks?.[0]?.getSettings().deviceId ?? null;
  }

  /** Sends, from now on, what is shown. */
  async goOnAir(takeover = false): Promise<Outcome<void>> {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#measure(), STATS_MS);
    const outgoing = this.#outgoing();
    this.#watch.watch(outgoing.getTracks());
    return this.#publisher.start(outgoing, { takeover });
  }

  /** Opens what was taken again, and sends it instead of the still picture. */
  async resume(): Promise<void> {
    await this.open();
  }

  /** Nothing leaves the machine any more; the preview stays. */
  offAir(): void {
    clearInterval(this.#timer);
    this.#watch.close();
    this.#endPause();
    this.#publisher.stop();
  }

  /** Someone else is in the seat: what is left is to take it back by choice. */
  giveWay(): void {
    clearInterval(this.#timer);
    this.#publisher.giveWay();
  }

  toggleMic(): void {
    this.micOn = !this.micOn;
    for (const track of this.camera?.getAudioTracks() ?? []) track.enabled = this.micOn;
  }

  toggleCamera(): void {
    this.cameraOn = !this.cameraOn;
    for (const track of this.camera?.getVideoTracks() ?? []) track.enabled = this.cameraOn;
  }

  /** Shows a screen instead of the camera, until it is stopped here or in the browser's own bar. */
  async shareScreen(): Promise<DeviceProblem | null> {
    const captured = await captureScreen();
    if (!captured.ok) return captured.problem;
    release(this.screen);
    this.screen = captured.stream;
    captured.stream.getVideoTracks()[0]?.addEventListener('ended', () => void this.stopScreen());
    if (this.sending) await this.#resend();
    return null;
  }

  async stopScreen(): Promise<void> {
    // Its end is asked for here, or by the browser's own bar: it is no accident.
    this.#watch.close();
    release(this.screen);
    this.screen = null;
    if (this.sending) await this.#resend();
  }

  /** Everything off, and the camera's light with it. */
  close(): void {
    this.offAir();
    this.#stopWatching();
    this.#meter?.close();
    this.#meter = null;
    release(this.camera);
    release(this.screen);
    this.camera = null;
    this.screen = null;
  }

  /** What was sent is gone: viewers see why there is nothing, and hear nothing. */
  async #pause(): Promise<void> {
    if (!this.sending) return;
    this.paused = true;
    this.#still ??= new StillPicture(m.slate_title(), m.slate_note());
    await this.#publisher.replaceTrack('video', this.#still.track);
    await this.#publisher.replaceTrack('audio', null);
  }

  #endPause(): void {
    this.paused = false;
    this.#still?.close();
    this.#still = null;
  }

  #outgoing(): MediaStream {
    const video = this.shown?.getVideoTracks() ?? [];
    const audio = this.camera?.getAudioTracks() ?? [];
    return new MediaStream([...video, ...audio]);
  }

  async #resend(): Promise<void> {
    if (this.paused) return;
    const stream = this.#outgoing();
    this.#watch.watch(stream.getTracks());
    await this.#publisher.replaceTrack('video', stream.getVideoTracks()[0] ?? null);
    await this.#publisher.replaceTrack('audio', stream.getAudioTracks()[0] ?? null);
  }

  #listen(): void {
    this.#heard_ms = performance.now();
    this.#meter ??= new LevelMeter((level) => {
      this.level = level;
      const now = performance.now();
      if (level > SILENT) this.#heard_ms = now;
      this.silent = this.hasMicrophone && this.micOn && now - this.#heard_ms > SILENT_MS;
    });
    this.#meter.listen(this.camera);
  }

  async #list(): Promise<void> {
    this.devices = await listDevices();
  }

  async #measure(): Promise<void> {
    if (this.state !== 'on_air') return;
    this.stats = await this.#publisher.stats();
    const cause = this.stats && strainOf(this.stats);
    this.#strained = cause ? this.#strained + 1 : 0;
    this.strain = this.#strained >= STRAINED_AFTER ? cause : null;
  }
}
