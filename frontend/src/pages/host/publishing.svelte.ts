/**
 * The host's own picture and sound: opened here, looked at here, and sent only after "on air".
 * What is muted or switched off stays seated: silence and black go out, so that nobody's player
 * takes it for a lost link.
 */
import type { Outcome, Problem } from '$core/http';
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
import { type PublishState, WhipPublisher } from '$core/media/whip';

const STATS_MS = 2_000;
/** A new link is always short of bandwidth for a moment; after so many marks it is news. */
const STRAINED_AFTER = 5;
/** Below this for so long, a microphone is taken for silent. */
const SILENT = 0.04;
const SILENT_MS = 6_000;

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
  state = $state<PublishState>('off');
  refusal = $state.raw<Problem | null>(null);
  stats = $state.raw<LegStats | null>(null);
  /** What has held the picture back for a while now. */
  strain = $state<'bandwidth' | 'cpu' | null>(null);

  /** What the host sees of themselves, and viewers get. */
  readonly shown = $derived(this.screen ?? this.camera);
  readonly sending = $derived(['connecting', 'on_air', 'reconnecting'].includes(this.state));
  readonly hasMicrophone = $derived((this.camera?.getAudioTracks().length ?? 0) > 0);
  readonly hasCamera = $derived((this.camera?.getVideoTracks().length ?? 0) > 0);

  readonly #publisher: WhipPublisher;
  readonly #stopWatching: () => void;
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
    const before = this.camera;
    this.camera = captured.stream;
    for (const track of captured.stream.getAudioTracks()) track.enabled = this.micOn;
    for (const track of captured.stream.getVideoTracks()) track.enabled = this.cameraOn;
    this.#listen();
    await this.#list();
    if (this.sending) await this.#resend();
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
    return this.#publisher.start(this.#outgoing(), { takeover });
  }

  /** Nothing leaves the machine any more; the preview stays. */
  offAir(): void {
    clearInterval(this.#timer);
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

  #outgoing(): MediaStream {
    const video = this.shown?.getVideoTracks() ?? [];
    const audio = this.camera?.getAudioTracks() ?? [];
    return new MediaStream([...video, ...audio]);
  }

  async #resend(): Promise<void> {
    const stream = this.#outgoing();
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
    const by = this.stats?.limited_by;
    const cause = by === 'bandwidth' || by === 'cpu' ? by : null;
    this.#strained = cause ? this.#strained + 1 : 0;
    this.strain = this.#strained >= STRAINED_AFTER ? cause : null;
  }
}
