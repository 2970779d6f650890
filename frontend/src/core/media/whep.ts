/**
 * Watching over WHEP, and never stopping to: a picture that stands still for two seconds is asked
 * for anew, by itself, for as long as someone publishes.
 */
import { Backoff } from '../backoff';
import { API, type Problem } from '../http';
import { connectLimit_ms, isWalled, Leg } from './leg';
import { Watchdog } from './watchdog';

/**
 * `waiting`: nobody publishes yet. `host_left`: someone did, and went. `no_codec`: this browser
 * plays nothing that the host sends. `unreachable`: the page works but media does not get through.
 * `full`: the machine carries no more viewers; `listening`: it carries the sound alone.
 */
export type PlayState =
  | 'connecting'
  | 'playing'
  | 'waiting'
  | 'host_left'
  | 'reconnecting'
  | 'unreachable'
  | 'no_codec'
  | 'full'
  | 'listening'
  | 'closed';

/** What the stage says about the one who is to be seen. */
export interface OnStage {
  /** Changes when someone else, or the same person anew, takes the place. */
  key: string;
  on_air: boolean;
  video: boolean;
  /** Nothing came from there for some seconds, but the place is kept: the leg is kept too. */
  silent?: boolean;
  /** The team has cut picture and sound: the leg is kept, and nothing comes by it. */
  cut?: boolean;
}

export interface WhepOptions {
  slug: string;
  onState: (state: PlayState, problem?: Problem) => void;
  /** How many seats are asked for, each by itself; one: the host, or who speaks. */
  seats?: number;
  /** A stream to show, and those of all seats asked for; the same objects for as long as one leg lasts. */
  onStream: (stream: MediaStream, all: MediaStream[]) => void;
}

/** So many legs in a row that never connected are not bad luck. */
const BLOCKED_AFTER = 2;
/** Told by `Retry-After`; this is for a server that says nothing. */
const ASK_AGAIN_S = 3;

export class WhepPlayer {
  #state: PlayState = 'closed';
  leg: Leg | null = null;
  #stage: OnStage | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasOnAir = false;
  /** The leg is for more than sound. */
  #picture = true;
  #unconnected = 0;
  readonly #backoff = new Backoff(300, 8_000);
  readonly #watchdog = new Watchdog(() => this.#frozen());
  readonly #farewell = (): void => this.leg?.close();
  readonly #restored = (event: PageTransitionEvent): void => {
    // Out of the browser's memory comes the page, not the leg that ended when it was left.
    if (event.persisted) this.#again(0);
  };

  /** Asked before a still picture is given up: whether that is as it should be. */
  isMeant: ((leg: Leg) => Promise<boolean>) | null = null;

  constructor(private readonly options: WhepOptions) {}

  get state(): PlayState {
    return this.#state;
  }

  start(): void {
    addEventListener('pagehide', this.#farewell);
    addEventListener('pageshow', this.#restored);
    this.#enter('connecting');
    void this.#open();
  }

  close(): void {
    removeEventListener('pagehide', this.#farewell);
    removeEventListener('pageshow', this.#restored);
    this.#end();
    this.#enter('closed');
  }

  /** The element that shows the stream: its frames are what the watchdog watches. */
  watch(video: HTMLVideoElement): void {
    this.#watchdog.watch(video);
  }

  /** What the stage says now. Someone who comes on air is asked for at once; null: nothing is known. */
  setStage(stage: OnStage | null): void {
    const before = this.#stage;
    this.#stage = stage;
    if (this.#state === 'closed') return;
    this.#watchdog.expectVideo(this.#picture && (stage?.video ?? true));
    if (before?.cut !== stage?.cut) this.#watchdog.excuse(stage?.cut ?? false);
    if (stage?.on_air) {
      const anew = !before?.on_air || before.key !== stage.key;
      this.#wasOnAir = true;
      if (anew && !['playing', 'listening', 'connecting'].includes(this.#state)) this.#again(0);
    } else if (stage && !stage.silent && before?.on_air) {
      this.#end();
      this.#enter('host_left');
      this.#later(ASK_AGAIN_S * 1000);
    }
  }

  /** Asks for a new picture now; what a button "Try again" does. */
  retry(): void {
    this.#unconnected = 0;
    this.#backoff.reset();
    this.#again(0);
  }

  async #open(picture = true): Promise<void> {
    this.#picture = picture;
    const leg = new Leg();
    this.leg = leg;
    // The sound alone is that of who speaks.
    const streams = Array.from({ length: (picture && this.options.seats) || 1 }, () => new MediaStream());
    this.#watchdog.expectVideo(picture && (this.#stage?.video ?? true));
    // All pictures, then all sounds: by that order the server knows that each place is meant.
    for (const kind of picture ? ['video', 'audio'] : ['audio']) {
      streams.forEach(() => leg.pc.addTransceiver(kind, { direction: 'recvonly' }));
    }
    leg.pc.addEventListener('track', ({ track, transceiver }) =>
      streams[Number(transceiver.mid) % streams.length]?.addTrack(track),
    );
    leg.pc.addEventListener('connectionstatechange', () => this.#onConnection(leg, streams));

    const opened = await leg.open(`${API}/sessions/${encodeURIComponent(this.options.slug)}/whep`);
    if (this.leg !== leg) return leg.close();
    if (!opened.ok) return this.#refused(opened.problem);
    this.#timer = setTimeout(() => this.#blocked(leg), connectLimit_ms());
  }

  #refused(problem: Problem): void {
    this.#end();
    // Rather the sound alone than nothing; for the picture the person asks when they like.
    if (this.#picture && problem.more.sound_fits) return void this.#open(false);
    const { status } = problem;
    if (status === 409) {
      this.#enter(this.#wasOnAir ? 'host_left' : 'waiting', problem);
      this.#later((problem.retry_after_s ?? ASK_AGAIN_S) * 1000 * (1 + Math.random()));
    } else if (status === 406) {
      // Only another publisher can change that: `setStage` tells.
      this.#enter('no_codec', problem);
    } else if (status > 400 && status < 405) {
      this.#enter('waiting', problem);
      this.#later(this.#backoff.max_ms);
    } else {
      this.#enter(problem.code === 'full' ? 'full' : 'reconnecting', problem);
      const wished_ms = (problem.retry_after_s ?? 0) * 1000;
      this.#later(Math.max(wished_ms, this.#backoff.next()));
    }
  }

  #onConnection(leg: Leg, streams: MediaStream[]): void {
    if (this.leg !== leg) return;
    const state = leg.pc.connectionState;
    if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#unconnected = 0;
      this.#wasOnAir = true;
      // Only now does the last picture of the former leg give way.
      this.options.onStream(streams[0] as MediaStream, streams);
      this.#watchdog.start(leg.pc, () => {
        this.#backoff.reset();
        this.#enter(this.#picture ? 'playing' : 'listening');
      });
    } else if (state === 'failed' || state === 'closed') {
      this.#blocked(leg);
    }
  }

  #blocked(leg: Leg): void {
    if (this.leg !== leg) return;
    if (isWalled()) return this.#again(0);
    this.#unconnected += 1;
    this.#lost();
  }

  #frozen(): void {
    const leg = this.leg;
    if (!leg || !this.isMeant) return this.#lost();
    void this.isMeant(leg).then((meant) => {
      if (this.leg !== leg) return;
      if (!meant) return this.#lost();
      this.#watchdog.expectVideo(false);
      this.#watchdog.start(leg.pc, () => {});
    });
  }

  #lost(): void {
    this.#end();
    if (this.#stage && !this.#stage.on_air) {
      this.#enter('host_left');
      return this.#later(ASK_AGAIN_S * 1000);
    }
    this.#enter(this.#unconnected >= BLOCKED_AFTER ? 'unreachable' : 'reconnecting');
    this.#later(this.#backoff.next());
  }

  #again(pause_ms: number): void {
    this.#end();
    this.#enter('connecting');
    this.#later(pause_ms);
  }

  #later(pause_ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), pause_ms);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#watchdog.stop();
    this.leg?.close();
    this.leg = null;
  }

  #enter(state: PlayState, problem?: Problem): void {
    if (state === this.#state && !problem) return;
    this.#state = state;
    this.options.onState(state, problem);
  }
}
