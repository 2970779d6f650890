// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventsFrame, Hello, ServerFrame } from '../wire/types';
import { Connection, type Link, type Socket } from './connection';
import { aSnapshot, aYou } from './samples';

class FakeSocket implements Socket {
  readyState: Socket['readyState'] = 1;
  sent: string[] = [];
  closedWith: number | undefined;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;

  constructor(readonly url: URL) {}

  send(data: string): void {
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closedWith = code;
    this.readyState = 3;
  }

  tell(frame: ServerFrame): void {
    this.onmessage?.call(this as never, { data: JSON.stringify(frame) } as MessageEvent);
  }

  cut(code: number): void {
    this.readyState = 3;
    this.onclose?.call(this as never, { code } as CloseEvent);
  }
}

const hello = (head: number, resumed = false, epoch = 'e1'): Hello => ({
  t: 'hello',
  protocol: 1,
  epoch,
  head,
  you: aYou(),
  snapshot: resumed ? null : aSnapshot(),
  reconnect: { min_ms: 500, max_ms: 8000 },
});

const events = (after: number, upto: number): EventsFrame => ({ t: 'events', after, upto, events: [] });

let sockets: FakeSocket[];
let heard: string[];
let links: [Link, number | undefined][];
let random: number;
let connection: Connection;

const last = (): FakeSocket => sockets.at(-1) as FakeSocket;
const network = (on: boolean): void => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(on);
  dispatchEvent(new Event(on ? 'online' : 'offline'));
};

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  heard = [];
  links = [];
  random = 0.5;
  connection = new Connection(
    '/api/v1/sessions/s/ws',
    {
      hello: (frame) => heard.push(frame.snapshot ? `hello ${frame.head}` : 'resumed'),
      snapshot: (frame) => heard.push(`snapshot ${frame.head}`),
      events: (frame) => heard.push(`events ${frame.after}-${frame.upto}`),
      pulse: (frame) => heard.push(`pulse ${frame.data.present}`),
      looking: (frame) => heard.push(`looking ${frame.data.length}`),
      answer: (frame) => heard.push(`${frame.t} ${frame.id}`),
      link: (link, code) => links.push([link, code]),
    },
    {
      open: (url) => {
        sockets.push(new FakeSocket(new URL(url)));
        return last();
      },
      random: () => random,
    },
  );
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

describe('a connection', () => {
  test('asks for everything at first and hands on what follows', () => {
    connection.start();
    expect(last().url.search).toBe('');
    last().tell(hello(120));
    last().tell(events(120, 123));
    expect(heard).toEqual(['hello 120', 'events 120-123']);
    expect(connection.position).toBe(123);
    expect(links.map(([link]) => link)).toEqual(['connecting', 'open']);
  });

  test('comes back with its epoch and position after a restart of the server', () => {
    connection.start();
    last().tell(hello(120));
    last().tell(events(120, 123));
    last().cut(1012);
    vi.advanceTimersByTime(8000);
    expect(sockets).toHaveLength(2);
    expect(last().url.search).toBe('?epoch=e1&since=123');
    last().tell(hello(130, true));
    last().tell(events(123, 130));
    expect(heard.at(-1)).toBe('events 123-130');
  });

  test('never hands on events over a gap, but resumes where it stands', () => {
    connection.start();
    last().tell(hello(10));
    last().tell(events(12, 14));
    expect(heard).toEqual(['hello 10']);
    vi.advanceTimersByTime(8000);
    expect(last().url.search).toBe('?epoch=e1&since=10');
  });

  test('started again after a final close, it asks for everything', () => {
    connection.start();
    last().tell(hello(10));
    last().cut(4401);
    connection.start();
    expect(last().url.search).toBe('');
  });

  test('takes a snapshot in the middle as its new position', () => {
    connection.start();
    last().tell(hello(10));
    last().tell({ t: 'snapshot', reason: 'slow', epoch: 'e1', head: 99, you: aYou(), snapshot: aSnapshot() });
    last().tell(events(99, 100));
    expect(heard).toEqual(['hello 10', 'snapshot 99', 'events 99-100']);
  });

  test('asks for everything again when it is resumed in another epoch', () => {
    connection.start();
    last().tell(hello(10));
    last().cut(1006);
    vi.advanceTimersByTime(8000);
    last().tell(hello(10, true, 'e2'));
    vi.advanceTimersByTime(8000);
    expect(last().url.search).toBe('');
    expect(heard).toEqual(['hello 10']);
  });

  test.each([4400, 4401, 4403, 4404, 4413, 4429])('does not come back after %i', (code) => {
    connection.start();
    last().tell(hello(10));
    last().cut(code);
    vi.advanceTimersByTime(60_000);
    network(true);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(links.at(-1)).toEqual(['closed', code]);
  });

  test.each([1001, 1006, 1011, 1012, 4000, 4001, 4002, 4999])('comes back after %i', (code) => {
    connection.start();
    last().tell(hello(10));
    last().cut(code);
    vi.advanceTimersByTime(8000);
    expect(sockets).toHaveLength(2);
  });

  test.each([
    [0, 500],
    [1, 1000],
  ])('waits within the bounds it was told, jittered (random %d: %d ms)', (value, pause_ms) => {
    random = value;
    connection.start();
    last().tell(hello(10));
    last().cut(1006);
    vi.advanceTimersByTime(pause_ms - 1);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
  });

  test('waits longer each time, and never longer than the bound', () => {
    random = 1;
    connection.start();
    const pauses: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const before = sockets.length;
      const at = Date.now();
      last().cut(1006);
      while (sockets.length === before) vi.advanceTimersByTime(100);
      pauses.push(Date.now() - at);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 8000, 8000, 8000]);
  });

  test('waits for the network while the device has none, and returns with it', () => {
    connection.start();
    last().tell(hello(10));
    network(false);
    expect(links.at(-1)).toEqual(['offline', undefined]);
    vi.advanceTimersByTime(30_000);
    expect(sockets).toHaveLength(1);
    network(true);
    vi.advanceTimersByTime(500);
    expect(last().url.search).toBe('?epoch=e1&since=10');
  });

  test('asks after a long silence, and takes no answer for a cut', () => {
    connection.start();
    last().tell(hello(10));
    vi.advanceTimersByTime(20_000);
    expect(last().sent.map((text) => JSON.parse(text).type)).toEqual(['typing.set']);
    vi.advanceTimersByTime(6_000);
    expect(last().closedWith).toBe(4000);
    vi.advanceTimersByTime(8_000);
    expect(last().url.search).toBe('?epoch=e1&since=10');
  });

  test('comes back as far apart as the server told a large audience', () => {
    connection.start();
    last().tell(hello(10));
    const reconnect = { min_ms: 500, max_ms: 10_500, spread_ms: 10_000 };
    const data = { present: 10_000, reactions: {} as never, typing: 0 };
    last().tell({ t: 'pulse', data, reconnect });
    last().cut(1006);
    vi.advanceTimersByTime(5_000);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(5_500);
    expect(sockets).toHaveLength(2);
  });

  test('is content with any frame as an answer', () => {
    connection.start();
    last().tell(hello(10));
    for (let i = 0; i < 5; i += 1) {
      vi.advanceTimersByTime(20_000);
      last().tell({ t: 'pulse', data: { present: 1, reactions: {} as never, typing: 0 } });
    }
    expect(sockets).toHaveLength(1);
  });

  test('does not wait for ever for an upgrade that hangs', () => {
    connection.start();
    vi.advanceTimersByTime(10_000 + 8_000);
    expect(sockets.length).toBeGreaterThan(1);
  });

  test('sends nothing before it was greeted', () => {
    connection.start();
    const frame = { id: 'c1', type: 'question.ask', data: { text: 'Hm?' } } as const;
    expect(connection.send(frame)).toBe(false);
    last().tell(hello(1));
    expect(connection.send(frame)).toBe(true);
    expect(last().sent).toEqual([JSON.stringify(frame)]);
  });
});
