// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type PublishState, WhipPublisher } from './whip';

class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = 'new';
  localDescription = { sdp: 'offer' };
  iceServers: RTCIceServer[] | undefined;

  addTransceiver(): object {
    const sender = { track: null, getParameters: () => ({ encodings: [{}] }), setParameters: async () => undefined };
    return { sender, setCodecPreferences: () => undefined };
  }
  async setLocalDescription(): Promise<void> {}
  async setRemoteDescription(): Promise<void> {}
  close(): void {
    this.connectionState = 'closed';
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

const CREATED = 201;
const TAKEN = 409;

let peers: FakePeer[];
let answers: number[];
let states: PublishState[];
let link: string;
let publisher: WhipPublisher;

const last = (): FakePeer => peers.at(-1) as FakePeer;

beforeEach(() => {
  vi.useFakeTimers();
  peers = [];
  states = [];
  link = '';
  vi.stubGlobal('RTCPeerConnection', function peer({ iceServers }: RTCConfiguration) {
    peers.push(new FakePeer());
    last().iceServers = iceServers;
    return last();
  });
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => null });
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    if (init.method === 'DELETE') return new Response(null, { status: 200 });
    const status = answers.shift() ?? CREATED;
    return status === CREATED
      ? new Response('answer', { status, headers: { location: '/api/v1/sessions/s/legs/l1', link } })
      : new Response('{"code":"seat_taken"}', { status });
  });
  publisher = new WhipPublisher({ slug: 's', onState: (state) => states.push(state) });
});

afterEach(() => {
  publisher.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function start(): Promise<void> {
  await publisher.start({ getVideoTracks: () => [], getAudioTracks: () => [] } as unknown as MediaStream);
}

test('a seat that someone holds is a choice to make at once', async () => {
  answers = [TAKEN];
  await start();
  expect(publisher.state).toBe('taken');
});

test('the seat that its own lost connection still holds is asked for again', async () => {
  answers = [CREATED, TAKEN, TAKEN, CREATED];
  await start();
  last().become('connected');
  last().become('failed');
  await vi.advanceTimersByTimeAsync(30_000);
  last().become('connected');
  expect(states).not.toContain('taken');
  expect(publisher.state).toBe('on_air');
});

test('a seat that was taken over is not wrestled for', async () => {
  answers = [CREATED, TAKEN, TAKEN, TAKEN, TAKEN, CREATED];
  await start();
  last().become('connected');
  last().become('failed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(publisher.state).toBe('taken');
});

test('where no direct way connects in two seconds, the next connection asks the relay as well', async () => {
  answers = [CREATED, CREATED];
  link = '<turn:t.test>; rel="ice-server"; username="17:a"; credential="p"; credential-type="password"';
  await start();
  await vi.advanceTimersByTimeAsync(1_900);
  expect(peers.map((peer) => peer.iceServers)).toEqual([[]]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(last().iceServers).toEqual([{ urls: 'turn:t.test', username: '17:a', credential: 'p' }]);
  last().become('connected');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(publisher.state).toBe('on_air');
  expect(peers.length).toBe(2);
});
