/**
 * The client's half of the socket: hello and resume, contiguity, liveness, coming back.
 *
 * It knows frames and positions and nothing of what they mean. Whatever happens to the network, the
 * owner of a `Connection` gets a snapshot or a contiguous run of events, each exactly once.
 */
import { FINAL_CLOSE_CODES, SUBPROTOCOL, type Ack, type ClientFrame } from '../wire/types';
import type { EventsFrame, Hello, LookingFrame, PulseFrame, Reconnect, Refused } from '../wire/types';
import type { ServerFrame, SnapshotFrame } from '../wire/types';
import { Backoff } from './backoff';

/** `offline`: the device says it has no network; it returns as soon as it has. */
export type Link = 'connecting' | 'open' | 'reconnecting' | 'offline' | 'closed';

export interface Listener {
  /** First frame of every connection. With a snapshot all state is replaced, without it goes on. */
  hello(frame: Hello): void;
  snapshot(frame: SnapshotFrame): void;
  /** Contiguous with all before. */
  events(frame: EventsFrame): void;
  pulse(frame: PulseFrame): void;
  answer(frame: Ack | Refused): void;
  /** Only the team is told. */
  looking(frame: LookingFrame): void;
  /** `code` is the final close code when the link is `closed` by the server. */
  link(state: Link, code?: number): void;
}

/** What of a WebSocket is used; tests bring their own. */
export type Socket = Pick<
  WebSocket,
  'send' | 'close' | 'readyState' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'
>;

export interface ConnectionOptions {
  /** Opens a socket to where `epoch` and `since` are to be asked for. */
  open?: (url: string, subprotocol: string) => Socket;
  random?: () => number;
}

const OPEN = 1;
const DEFAULT_RECONNECT = { min_ms: 500, max_ms: 8_000 };
/** A connection that held this long was a good one: the next pause is short again. */
const STEADY_MS = 5_000;
/** No frame for so long, and the server is asked for one. */
const SILENCE_MS = 20_000;
/** No answer for so long, and the way is taken for cut, whatever the browser believes. */
const ANSWER_MS = 6_000;
/** The upgrade itself may not hang. */
const CONNECT_MS = 10_000;
/** 3000–4999 are open to applications; this one says that we left to come back. */
const LEAVE_TO_RESUME = 4000;

export class Connection {
  #socket: Socket | null = null;
  #link: Link = 'closed';
  #greeted = false;
  #epoch: string | null = null;
  #position: number | null = null;
  #probes = 0;
  #backoff: Backoff;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #steady: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  readonly #open: (url: string, subprotocol: string) => Socket;
  readonly #random: () => number;
  readonly #online = (): void => this.#networkCameBack();
  readonly #offline = (): void => this.#networkWentAway();
  readonly #visible = (): void => this.#pageCameBack();

  constructor(
    private readonly path: string,
    private readonly listener: Listener,
    options: ConnectionOptions = {},
  ) {
    this.#open = options.open ?? ((url, subprotocol) => new WebSocket(url, subprotocol));
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff(DEFAULT_RECONNECT.min_ms, DEFAULT_RECONNECT.max_ms, this.#random);
  }

  get link(): Link {
    return this.#link;
  }

  /** Up to which event everything has arrived; null before the first snapshot. */
  get position(): number | null {
    return this.#position;
  }

  /** Connects and stays connected until `close` or a final close code; knows nothing of a former run. */
  start(): void {
    // One may come back as someone else, to whom what was seen before does not belong.
    this.#epoch = null;
    this.#position = null;
    addEventListener('online', this.#online);
    addEventListener('offline', this.#offline);
    addEventListener('visibilitychange', this.#visible);
    addEventListener('pageshow', this.#visible);
    if (navigator.onLine) this.#connect();
    else this.#enter('offline');
  }

  /** Leaves for good. */
  close(): void {
    this.#retire();
    this.#enter('closed');
  }

  /** Whether commands go out now; what cannot is for the outbox to keep. */
  get ready(): boolean {
    return this.#greeted && this.#socket?.readyState === OPEN;
  }

  /** Sends if `ready`; an answer comes to `listener.answer`, or never, if the way is cut before. */
  send(frame: ClientFrame): boolean {
    if (!this.ready || !this.#socket) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect(): void {
    this.#drop();
    this.#enter(this.#position === null ? 'connecting' : 'reconnecting');
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (this.#epoch !== null && this.#position !== null) {
      url.searchParams.set('epoch', this.#epoch);
      url.searchParams.set('since', String(this.#position));
    }
    const socket = this.#open(url.href, SUBPROTOCOL);
    this.#socket = socket;
    this.#greeted = false;
    this.#probes = 0;
    socket.onmessage = (event: MessageEvent) => {
      if (this.#socket === socket) this.#receive(String(event.data));
    };
    socket.onclose = (event: CloseEvent) => {
      if (this.#socket === socket) this.#lost(event.code);
    };
    // Every error is followed by a close, which says more.
    socket.onerror = null;
    this.#watchFor(CONNECT_MS);
  }

  #receive(text: string): void {
    this.#probes = 0;
    this.#watchFor(SILENCE_MS);
    const frame = JSON.parse(text) as ServerFrame;
    switch (frame.t) {
      case 'hello':
        return this.#hello(frame);
      case 'snapshot':
        this.#epoch = frame.epoch;
        this.#position = frame.head;
        return this.listener.snapshot(frame);
      case 'events':
        if (frame.after !== this.#position) return this.#resume();
        this.#position = frame.upto;
        return this.listener.events(frame);
      case 'pulse':
        this.#heed(frame.reconnect);
        return this.listener.pulse(frame);
      case 'looking':
        return this.listener.looking(frame);
      case 'ack':
      case 'refused':
        return this.listener.answer(frame);
    }
  }

  #hello(frame: Hello): void {
    if (frame.snapshot !== null) this.#position = frame.head;
    else if (this.#position === null || frame.epoch !== this.#epoch) return this.#forget();
    this.#epoch = frame.epoch;
    this.#heed(frame.reconnect);
    this.#greeted = true;
    this.#steady = setTimeout(() => this.#backoff.reset(), STEADY_MS);
    this.listener.hello(frame);
    this.#enter('open');
  }

  /** The server says how far apart its audience should come back. */
  #heed(told: Reconnect | undefined): void {
    if (told === undefined) return;
    const { min_ms, max_ms, spread_ms = min_ms } = told;
    const known = this.#backoff;
    if (min_ms !== known.min_ms || max_ms !== known.max_ms || spread_ms !== known.spread_ms) {
      this.#backoff = new Backoff(min_ms, max_ms, this.#random, spread_ms);
    }
  }

  /** Something is missing between us and this frame: come back and ask for all since our position. */
  #resume(): void {
    this.#drop();
    this.#later();
  }

  /** The server resumed what we do not have: come back for a snapshot. */
  #forget(): void {
    this.#epoch = null;
    this.#position = null;
    this.#resume();
  }

  #lost(code: number): void {
    this.#drop();
    if (FINAL_CLOSE_CODES.includes(code)) {
      this.#retire();
      return this.#enter('closed', code);
    }
    this.#later();
  }

  #later(): void {
    if (!navigator.onLine) return this.#enter('offline');
    this.#enter('reconnecting');
    this.#retry = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  /** Silence is asked about once, with a command that changes nothing; then it counts as a cut. */
  #watchFor(patience_ms: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      if (!this.#greeted || this.#probes > 0) return this.#resume();
      this.#probe();
    }, patience_ms);
  }

  #probe(): void {
    this.#probes += 1;
    this.send({ id: `probe-${crypto.randomUUID()}`, type: 'typing.set', data: { on: false } });
    this.#watchFor(ANSWER_MS);
  }

  #networkWentAway(): void {
    if (this.#link === 'closed') return;
    this.#drop();
    this.#enter('offline');
  }

  #networkCameBack(): void {
    if (this.#link === 'closed') return;
    clearTimeout(this.#retry);
    // Everyone behind the same router returns in this instant: the first step is jittered too.
    this.#enter('reconnecting');
    this.#retry = setTimeout(() => this.#connect(), this.#random() * this.#backoff.min_ms);
  }

  /** A phone that slept may hold a socket that died meanwhile. */
  #pageCameBack(): void {
    if (document.visibilityState !== 'visible') return;
    if (this.#link === 'open' && this.ready) this.#probe();
    else if (this.#link === 'reconnecting') {
      clearTimeout(this.#retry);
      this.#connect();
    }
  }

  #drop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#steady);
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    if (!socket) return;
    socket.onmessage = socket.onclose = socket.onopen = null;
    socket.close(LEAVE_TO_RESUME);
  }

  #retire(): void {
    this.#drop();
    removeEventListener('online', this.#online);
    removeEventListener('offline', this.#offline);
    removeEventListener('visibilitychange', this.#visible);
    removeEventListener('pageshow', this.#visible);
  }

  #enter(link: Link, code?: number): void {
    if (link === this.#link && code === undefined) return;
    this.#link = link;
    this.listener.link(link, code);
  }
}
