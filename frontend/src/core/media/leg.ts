/**
 * One media leg over WHIP or WHEP (RFC 9725 and its sibling): offer out, answer in, and the resource
 * that stands for it on the server.
 *
 * The server is ICE-lite on one known port: it learns our address from our own connectivity checks,
 * so the offer goes out at once, without candidates and without waiting for any.
 */
import { failure, type Outcome, send } from '../http';

const ANSWER_TIMEOUT_MS = 10_000;
/** ICE and DTLS take well under a second; past this the way is taken for blocked. */
const CONNECT_MS = 6_000;
/** The same, while there is another way to try. */
const DIRECT_MS = 2_000;

const RELAY = /<(?<urls>turn.+?)>.+?username="(?<username>.+?)"; credential="(?<credential>.+?)"/g;

/** What the server named with the latest leg, for those whom no direct way reaches (RFC 9725 section 4.6). */
let relays: RTCIceServer[] = [];
/** The direct way alone was tried in vain: from now on relays are asked as well. */
let walled = false;

/** How long an accepted leg may take to connect. */
export const connectLimit_ms = (): number => (!walled && relays[0] ? DIRECT_MS : CONNECT_MS);

/** One took longer; whether the next one has another way to try. */
export const isWalled = (): boolean => !walled && (walled = !!relays[0]);

export class Leg {
  readonly pc: RTCPeerConnection;
  /** Its path on the server; null before it was accepted and after its end. */
  resource: string | null = null;
  #closed = false;

  constructor() {
    // No STUN server, and a relay for those alone who need it: nothing else than the brand's own is ever asked.
    this.pc = new RTCPeerConnection({ iceServers: walled ? relays : [], bundlePolicy: 'max-bundle' });
  }


  /** Offers what the connection holds to `url`; afterwards media flows as soon as ICE and DTLS are up. */
  async open(url: string): Promise<Outcome<void>> {
    await this.pc.setLocalDescription();
    const sent = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', accept: 'application/sdp' },
      body: this.pc.localDescription?.sdp ?? '',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (!sent.ok) return sent;
    const { headers } = sent.value;
    this.resource = headers.get('location');
    const links = headers.get('link') ?? '';
    relays = Array.from(links.matchAll(RELAY), ({ groups }) => groups as unknown as RTCIceServer);
    if (this.#closed) {
      this.#release();
      return failure('closed');
    }
    try {
      await this.pc.setRemoteDescription({ type: 'answer', sdp: await sent.value.text() });
    } catch {
      // A page may be closed, or the answer may be one this browser cannot take.
      this.close();
      return failure('answer');
    }
    return { ok: true, value: undefined };
  }

  /** Ends the leg here and on the server; may be called at any time, also as the page goes. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.pc.close();
    this.#release();
  }

  #release(): void {
    if (this.resource) void send(this.resource, { method: 'DELETE', keepalive: true });
    this.resource = null;
  }
}
