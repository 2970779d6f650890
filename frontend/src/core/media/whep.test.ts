// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type PlayState, WhepPlayer } from './whep';

class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = 'new';
  localDescription = { sdp: 'offer' };
  frames = 0;
  iceServers: RTCIceServer[] | undefined;

  readonly offered: string[] = [];

  addTransceiver(kind: string): void {
    this.offered.push(kind);
  }
  async setLocalDescription(): Promise<void> {}
  async setRemoteDescription(): Promise<void> {}
  async getStats(): Promise<Map<string, object>> {
    return new Map([['v', { type: 'inbound-rtp', framesDecoded: this.frames, packetsReceived: this.frames }]]);
  }
  close(): void {
    this.connectionState = 'closed';
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

let peers: FakePeer[];
let answers: { status: number; headers?: Record<string, string>; body?: string }[];
let asked: string[];
let states: PlayState[];
let player: WhepPlayer;

const CREATED = { status: 201, headers: { location: '/api/v1/sessions/s/legs/l1' }, body: 'answer' };
const NOBODY = { status: 409, headers: { 'retry-after': '2' }, body: '{"code":"not_publishing"}' };
const last = (): FakePeer => peers.at(-1) as FakePeer;
const posts = (): number => asked.filter((each) => each.startsWith('POST')).length;
const pass = (time_ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(time_ms);

/** Frames go on arriving for so long. */
async function play(time_ms: number): Promise<void> {
  for (let passed = 0; passed < time_ms; passed += 250) {
    last().frames += 8;
    await pass(250);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  peers = [];
  asked = [];
  states = [];
  answers = [CREATED];
  vi.stubGlobal('RTCPeerConnection', function peer({ iceServers }: RTCConfiguration) {
    peers.push(new FakePeer());
    last().iceServers = iceServers;
    return last();
  });
  vi.stubGlobal('MediaStream', EventTarget);
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push(`${init.method} ${new URL(url, 'http://causerie.test').pathname}`);
    if (init.method === 'DELETE') return new Response(null, { status: 200 });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as (typeof answers)[0];
    return new Response(answer.body ?? '', { status: answer.status, headers: answer.headers ?? {} });
  });
  player = new WhepPlayer({ slug: 's', onState: (state) => states.push(state), onStream: () => undefined });
});

afterEach(() => {
  player.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function playing(): Promise<void> {
  player.setStage({ key: 'host', on_air: true, video: true });
  player.start();
  await pass(10);
  last().become('connected');
  await play(1_000);
}

test('it plays as soon as something arrives', async () => {
  await playing();
  expect(states).toEqual(['connecting', 'playing']);
});

test('a picture that stands still for two seconds is asked for anew, and the old leg is ended', async () => {
  await playing();
  await pass(1_500);
  expect(posts()).toBe(1);
  await pass(2_000);
  expect(states.at(-1)).toBe('reconnecting');
  expect(asked).toContain('DELETE /api/v1/sessions/s/legs/l1');
  await pass(1_000);
  expect(posts()).toBe(2);
  last().become('connected');
  await play(500);
  expect(states.at(-1)).toBe('playing');
});

test('each seat asked for has a picture and a sound, all pictures first, and its own stream', async () => {
  player.close();
  let streams: MediaStream[] = [];
  player = new WhepPlayer({
    slug: 's',
    seats: 4,
    onState: (state) => states.push(state),
    onStream: (_, all) => {
      streams = all;
    },
  });
  await playing();
  expect(last().offered).toEqual(['video', 'video', 'video', 'video', 'audio', 'audio', 'audio', 'audio']);
  expect(new Set(streams).size).toBe(4);
});

test('sound alone is enough where no picture is due', async () => {
  await playing();
  player.setStage({ key: 'host', on_air: true, video: false });
  await play(6_000);
  expect(posts()).toBe(1);
});

test('it waits for a host as long as it is told to, and asks at once when one comes', async () => {
  answers = [NOBODY];
  player.start();
  await pass(10);
  expect(states.at(-1)).toBe('waiting');
  await pass(1_900);
  expect(posts()).toBe(1);
  await pass(2_200);
  expect(posts()).toBe(2);
  answers = [CREATED];
  player.setStage({ key: 'host', on_air: true, video: true });
  await pass(1);
  expect(posts()).toBe(3);
});

test('a host who leaves is told apart from one who never came', async () => {
  await playing();
  answers = [NOBODY];
  player.setStage({ key: '', on_air: false, video: true });
  expect(states.at(-1)).toBe('host_left');
  await pass(10_000);
  expect(states.at(-1)).toBe('host_left');
});

test('a host who falls silent for a moment keeps the leg', async () => {
  await playing();
  player.setStage({ key: 'host', on_air: false, video: true, silent: true });
  await play(500);
  player.setStage({ key: 'host', on_air: true, video: true });
  await play(500);
  expect(posts()).toBe(1);
  expect(states.at(-1)).toBe('playing');
});

test('without a codec in common it stops asking, until someone else publishes', async () => {
  answers = [{ status: 406, body: '{"code":"codec"}' }];
  player.start();
  await pass(60_000);
  expect(states.at(-1)).toBe('no_codec');
  expect(posts()).toBe(1);
  answers = [CREATED];
  player.setStage({ key: 'another', on_air: true, video: true });
  await pass(1);
  expect(posts()).toBe(2);
});

test('a server without its media process is asked again, less and less often', async () => {
  answers = [{ status: 503, body: '{"code":"media_down"}' }];
  player.start();
  await pass(60_000);
  expect(states.at(-1)).toBe('reconnecting');
  expect(posts()).toBeGreaterThan(5);
  expect(posts()).toBeLessThan(40);
});

test('media that never gets through is told after two tries', async () => {
  player.setStage({ key: 'host', on_air: true, video: true });
  player.start();
  await pass(40_000);
  expect(states).toContain('unreachable');
});

test('while the team has cut the picture its leg is kept, and it goes on by the same one', async () => {
  await playing();
  const stage = { key: 'host', on_air: true, video: true };
  player.setStage({ ...stage, cut: true });
  await pass(30_000);
  expect(posts()).toBe(1);
  player.setStage(stage);
  await pass(3_000);
  await play(500);
  expect(posts()).toBe(1);
  expect(states.at(-1)).toBe('playing');
});

test('what does not come back after a cut is asked for anew', async () => {
  await playing();
  player.setStage({ key: 'host', on_air: true, video: true, cut: true });
  await pass(10_000);
  player.setStage({ key: 'host', on_air: true, video: true });
  await pass(6_000);
  expect(posts()).toBe(2);
});

const FULL = { status: 503, headers: { 'retry-after': '30' }, body: '{"code":"full"}' };
const SOUND_FITS = { ...FULL, body: '{"code":"full","sound_fits":true}' };

test('where no further viewer fits the page says so, and asks again when the server said', async () => {
  answers = [FULL, CREATED];
  player.start();
  await pass(0);
  expect(states.at(-1)).toBe('full');
  await pass(29_000);
  expect(posts()).toBe(1);
  await pass(2_000);
  expect(posts()).toBe(2);
});

test('where the sound alone fits it is taken at once, and is not mistaken for a picture that stands still', async () => {
  answers = [SOUND_FITS, CREATED];
  player.start();
  await pass(0);
  expect(posts()).toBe(2);
  player.setStage({ key: 'host', on_air: true, video: true });
  last().become('connected');
  await play(6_000);
  expect(states.at(-1)).toBe('listening');
  expect(posts()).toBe(2);
  player.retry();
  await pass(0);
  expect(posts()).toBe(3);
});

test('relays are asked once the direct way has not connected in two seconds, and only then', async () => {
  const link = ['udp', 'tcp'].map(
    (way) => `<turn:t.test:3478?transport=${way}>; rel="ice-server"; username="17:a"; credential="p/="; credential-type="password"`,
  );
  const layer = '</api/v1/sessions/s/legs/l1/layer>; rel="urn:ietf:params:whep:ext:core:layer"';
  answers = [{ ...CREATED, headers: { ...CREATED.headers, link: [layer, ...link].join(', ') } }];
  player.start();
  await pass(1_900);
  expect(peers.map((peer) => peer.iceServers)).toEqual([[]]);
  await pass(200);
  expect(peers[1]?.iceServers).toEqual([
    { urls: 'turn:t.test:3478?transport=udp', username: '17:a', credential: 'p/=' },
    { urls: 'turn:t.test:3478?transport=tcp', username: '17:a', credential: 'p/=' },
  ]);
  expect(states).toEqual(['connecting']);
  await pass(5_000);
  expect(posts()).toBe(2);
  last().become('connected');
  await play(500);
  expect(states).toEqual(['connecting', 'playing']);
});
