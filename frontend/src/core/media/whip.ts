/** Publishing from the browser: one camera or screen and one microphone over WHIP. */
import { Backoff } from '../backoff';
import { API, type Outcome, type Problem } from '../http';
import { layers, shares } from './layers';
import { connectLimit_ms, isWalled, Leg } from './leg';
import { type LegStats, readStats, type StatsMark } from './stats';

/**
 * `taken`: someone else holds the seat, or took it from us: only `start({ takeover: true })` goes on.
 * `reconnecting`: the picture is lost, a new leg is on its way by itself.
 */
export type PublishState = 'off' | 'connecting' | 'on_air' | 'reconnecting' | 'taken' | 'failed';

export interface WhipOptions {
  slug: string;
  onState: (state: PublishState, problem?: Problem) => void;
  /** Bound of the picture in bits/s. */
  maxBitrate_bps?: number;
  maxFramerate?: number;
}

const DEFAULT_BITRATE_BPS = 2_500_000;
const AUDIO_BITRATE_BPS = 64_000;
/** `disconnected` often heals by itself; past this it is lost. */
const HEAL_MS = 3_000;
/** Our own lost leg may hold the seat for the three seconds in which the server calls it silent. */
const RETURNS = 3;

/**
 * Publishes the tracks of a stream until `stop`. Tracks may be swapped or taken away while on air
 * (`replaceTrack`), which viewers see as the same picture going on.
 */
export class WhipPublisher {
  #state: PublishState = 'off';
  #leg: Leg | null = null;
  #video: MediaStreamTrack | null = null;
  #audio: MediaStreamTrack | null = null;
  #senders: { video: RTCRtpSender; audio: RTCRtpSender } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #mark: StatsMark | null = null;
  #returns = 0;
  #maxBitrate_bps: number;
  readonly #backoff = new Backoff(500, 8_000);
  readonly #farewell = (): void => this.#leg?.close();

  constructor(private readonly options: WhipOptions) {
    this.#maxBitrate_bps = options.maxBitrate_bps ?? DEFAULT_BITRATE_BPS;
  }

  get state(): PublishState {
    return this.#state;
  }

  /** Goes on air with the stream's first picture and first sound; either may be missing for now. */
  async start(stream: MediaStream, { takeover = false } = {}): Promise<Outcome<void>> {
    this.#end();
    this.#video = stream.getVideoTracks()[0] ?? null;
    this.#audio = stream.getAudioTracks()[0] ?? null;
    addEventListener('pagehide', this.#farewell);
    this.#returns = 0;
    this.#enter('connecting');
    return this.#open(takeover);
  }

  /** Swaps what is sent; null sends nothing of that kind (camera or microphone off). */
  async replaceTrack(kind: 'video' | 'audio', track: MediaStreamTrack | null): Promise<void> {
    if (kind === 'video') this.#video = track;
    else this.#audio = track;
    await this.#senders?.[kind].replaceTrack(track);
    if (kind === 'video' && this.#senders) await this.#shape(this.#senders.video);
  }

  /** Bounds the picture's bit rate from now on; bits/s. */
  async setMaxBitrate(bitrate_bps: number): Promise<void> {
    this.#maxBitrate_bps = bitrate_bps;
    if (this.#senders) await this.#shape(this.#senders.video);
  }

  /** Someone else is in the seat: no further try for it, until `start` says so. */
  giveWay(): void {
    this.#end();
    this.#enter('taken');
  }

  /** Off air, at once; the server is told. */
  stop(): void {
    this.#end();
    this.#enter('off');
  }

  /** What went out since the last call; null while nothing does. */
  async stats(): Promise<LegStats | null> {
    if (!this.#leg || this.#state !== 'on_air') return null;
    const read = await readStats(this.#leg.pc, 'outbound-rtp', this.#mark);
    this.#mark = read.mark;
    return read.stats;
  }

  async #open(takeover: boolean): Promise<Outcome<void>> {
    const leg = new Leg();
    this.#leg = leg;
    this.#mark = null;
    const init: RTCRtpTransceiverInit = { direction: 'sendonly' };
    const video = leg.pc.addTransceiver(this.#video ?? 'video', {
      ...init,
      sendEncodings: layers(this.#video, this.#maxBitrate_bps),
    });
    const audio = leg.pc.addTransceiver(this.#audio ?? 'audio', {
      ...init,
      sendEncodings: [{ maxBitrate: AUDIO_BITRATE_BPS }],
    });
    preferVp8(video);
    this.#senders = { video: video.sender, audio: audio.sender };
    leg.pc.addEventListener('connectionstatechange', () => this.#onConnection(leg));

    const opened = await leg.open(
      `${API}/sessions/${encodeURIComponent(this.options.slug)}/whip${takeover ? '?takeover=1' : ''}`,
    );
    if (this.#leg !== leg) return opened;
    if (opened.ok) {
      this.#timer = setTimeout(() => this.#blocked(leg), connectLimit_ms());
      await this.#shape(video.sender);
    } else {
      this.#refused(opened.problem);
    }
    return opened;
  }

  #refused(problem: Problem): void {
    this.#leg?.close();
    if (problem.status === 409 && problem.code === 'seat_taken') {
      if (this.#returns > 0) {
        this.#returns -= 1;
        this.#again(problem);
        return;
      }
      this.#end();
      this.#enter('taken', problem);
    } else if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) {
      this.#end();
      this.#enter('failed', problem);
    } else {
      this.#again(problem);
    }
  }

  #onConnection(leg: Leg): void {
    if (this.#leg !== leg) return;
    const state = leg.pc.connectionState;
    if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#backoff.reset();
      this.#returns = RETURNS;
      this.#enter('on_air');
    } else if (state === 'disconnected') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#lost(leg), HEAL_MS);
    } else if (state === 'failed' || state === 'closed') {
      this.#blocked(leg);
    }
  }

  #blocked(leg: Leg): void {
    if (this.#leg !== leg || leg.pc.connectionState === 'connected') return;
    isWalled();
    this.#lost(leg);
  }

  #lost(leg: Leg): void {
    if (this.#leg !== leg) return;
    leg.close();
    this.#again();
  }

  /** A new leg after a pause; without takeover, so that two pages do not wrestle for the seat. */
  #again(problem?: Problem): void {
    clearTimeout(this.#timer);
    this.#enter('reconnecting', problem);
    this.#timer = setTimeout(() => void this.#open(false), this.#backoff.next());
  }

  /** Keeps bit rate, frame rate and what gives way first where the browser lets us say so. */
  async #shape(sender: RTCRtpSender): Promise<void> {
    const parameters = sender.getParameters();
    const bounds = shares(parameters.encodings.length, this.#maxBitrate_bps);
    for (const [index, encoding] of parameters.encodings.entries()) {
      encoding.maxBitrate = bounds[index] ?? this.#maxBitrate_bps;
      encoding.maxFramerate = this.options.maxFramerate ?? 30;
    }
    parameters.degradationPreference =
      sender.track?.contentHint === 'detail' ? 'maintain-resolution' : 'balanced';
    // Refused where a field is not supported or the leg has just closed; the picture goes on without.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  #end(): void {
    clearTimeout(this.#timer);
    removeEventListener('pagehide', this.#farewell);
    this.#leg?.close();
    this.#leg = null;
    this.#senders = null;
  }

  #enter(state: PublishState, problem?: Problem): void {
    this.#state = state;
    this.options.onState(state, problem);
  }
}

/** VP8 is the one codec that every browser has in both directions; the rest follow in their order. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs;
  if (!codecs) return;
  const isVp8 = (codec: RTCRtpCodec): boolean => codec.mimeType.toLowerCase() === 'video/vp8';
  transceiver.setCodecPreferences([...codecs.filter(isVp8), ...codecs.filter((c) => !isVp8(c))]);
}
