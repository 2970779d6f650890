import { expect, test } from 'vitest';
import type { Chapter, Moment, Track } from './timeline';
import { chapterStart, countUntil, mainTracks, pinsAt, placeOf, saidOf, startOf } from './timeline';

const track = (id: string, seat: string, started_at: string, duration_s: number): Track => ({
  id, seat, started_at, duration_s, type: 'video/webm', url: `/${id}`,
});
const tracks = [
  track('one', 'host', '2026-01-01T18:00:00Z', 60),
  track('guest', 'guest-1', '2026-01-01T18:00:10Z', 20),
  track('two', 'host', '2026-01-01T18:05:00Z', 30),
];

test('the replay is what the host sent, without the time when nothing came', () => {
  const main = mainTracks(tracks);
  expect(main.map((each) => each.id)).toEqual(['one', 'two']);
  expect(startOf(main, 1)).toBe(60);
  expect(placeOf(main, 59)).toEqual({ index: 0, offset_s: 59 });
  expect(placeOf(main, 70)).toEqual({ index: 1, offset_s: 10 });
  expect(placeOf(main, 999)).toEqual({ index: 1, offset_s: 30 });
  expect(mainTracks(tracks.slice(1, 2)).map((each) => each.id)).toEqual(['guest']);
});

test('an answer is found in its piece, and nowhere if nothing was recorded then', () => {
  const chapter = { track: 'two', offset_s: 12.5 } as Chapter;
  expect(chapterStart(mainTracks(tracks), chapter)).toBe(72.5);
  expect(chapterStart(mainTracks(tracks), {} as Chapter)).toBeNull();
});

test('what was said appears at its moment, and what was pinned stands until it is not', () => {
  const at = (second: number) => `2026-01-01T18:00:0${second}Z`;
  const moments = [
    { seq: 1, type: 'message.published', at: at(1), data: { message: { text: 'Hello', author: { display_name: 'Ada' } } } },
    { seq: 2, type: 'pin.changed', at: at(2), data: { pins: [{ id: 'p', text: 'The price' }] } },
    { seq: 3, type: 'question.published', at: at(3), data: { question: { text: 'When?' } } },
    { seq: 4, type: 'question.published', at: at(4), data: { question: { text: 'When then?', merged_into: 'q' } } },
    { seq: 5, type: 'pin.changed', at: at(5), data: { pins: [] } },
  ] as unknown as Moment[];
  const said = saidOf(moments);
  expect(said.map((each) => [each.kind, each.text, each.author])).toEqual([
    ['message', 'Hello', 'Ada'],
    ['question', 'When?', null],
  ]);
  expect([0, 1, 2, 3].map((second) => countUntil(said, Date.parse(at(second))))).toEqual([0, 1, 1, 2]);
  expect(pinsAt(moments, Date.parse(at(1)))).toEqual([]);
  expect(pinsAt(moments, Date.parse(at(4))).map((pin) => pin.text)).toEqual(['The price']);
  expect(pinsAt(moments, Date.parse(at(6)))).toEqual([]);
});
