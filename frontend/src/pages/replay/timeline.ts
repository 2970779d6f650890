/** A show laid out in time: pieces of picture one after the other, and what was said beside them. */
import type { Announcement, Message, Pin, Question, Session } from '$wire/types';

/** One file: its first moment is `started_at`. */
export interface Track {
  id: string;
  seat: string;
  started_at: string;
  duration_s: number;
  type: string;
  url: string;
}

/** An answered question; without `track` nothing was recorded then. */
export interface Chapter {
  question: Question;
  at: string;
  track?: string;
  offset_s?: number;
}

export interface Replay {
  session: Session;
  published: boolean;
  tracks: Track[];
  chapters: Chapter[];
  unfinished: number;
}

export interface Moment {
  seq: number;
  type: string;
  at: string;
  data: { message?: Message; question?: Question; announcement?: Announcement; pins?: Pin[] };
}

/** Something said, in its place. */
export interface Said {
  key: string;
  at_ms: number;
  kind: 'message' | 'question' | 'announcement';
  text: string;
  language: string;
  author: string | null;
}

/** The pieces that make up the replay: those of the first seat that has any, the host's as a rule. */
export function mainTracks(tracks: readonly Track[]): Track[] {
  const seats = ['host', 'guest-1', 'guest-2', 'guest-3'];
  const seat = seats.find((each) => tracks.some((track) => track.seat === each));
  return tracks.filter((track) => track.seat === seat);
}

/** Seconds from the beginning of the replay to that of the piece `index`. */
export function startOf(tracks: readonly Track[], index: number): number {
  return tracks.slice(0, index).reduce((sum, track) => sum + track.duration_s, 0);
}

/** Where in which piece a second of the replay lies; the end of the last one past that. */
export function placeOf(tracks: readonly Track[], at_s: number): { index: number; offset_s: number } {
  let rest = Math.max(0, at_s);
  for (const [index, track] of tracks.entries()) {
    if (rest < track.duration_s || index === tracks.length - 1) {
      return { index, offset_s: Math.min(rest, track.duration_s) };
    }
    rest -= track.duration_s;
  }
  return { index: 0, offset_s: 0 };
}

/** The second of the replay at which a chapter begins; null where nothing was recorded. */
export function chapterStart(tracks: readonly Track[], chapter: Chapter): number | null {
  const index = tracks.findIndex((track) => track.id === chapter.track);
  return index < 0 ? null : startOf(tracks, index) + (chapter.offset_s ?? 0);
}

/** What was said, in order of time. */
export function saidOf(moments: readonly Moment[]): Said[] {
  const said: Said[] = [];
  for (const { seq, type, at, data } of moments) {
    const item = data.message ?? data.question ?? data.announcement;
    if (!item || !('text' in item) || (type === 'question.published' && data.question?.merged_into)) continue;
    const author = 'author' in item ? item.author : undefined;
    said.push({
      key: `${seq}`,
      at_ms: Date.parse(at),
      kind: data.message ? 'message' : data.question ? 'question' : 'announcement',
      text: item.text,
      language: item.language ?? '',
      author: (author as { display_name?: string | null } | undefined)?.display_name ?? null,
    });
  }
  return said.sort((one, other) => one.at_ms - other.at_ms);
}

/** How many of these had been said by a moment. */
export function countUntil(said: readonly Said[], at_ms: number): number {
  let low = 0;
  let high = said.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((said[middle] as Said).at_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The pins that stood at a moment. */
export function pinsAt(moments: readonly Moment[], at_ms: number): Pin[] {
  const told = moments.findLast((each) => each.type === 'pin.changed' && Date.parse(each.at) <= at_ms);
  return told?.data.pins ?? [];
}
