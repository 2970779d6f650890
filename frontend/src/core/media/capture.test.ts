// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CaptureWatch } from './capture';

class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = 'live';
  muted = false;

  mute(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

let lost: number;
let camera: FakeTrack;
let microphone: FakeTrack;
let watch: CaptureWatch;

const both = (): MediaStreamTrack[] => [camera, microphone] as unknown as MediaStreamTrack[];

beforeEach(() => {
  vi.useFakeTimers();
  lost = 0;
  [camera, microphone] = [new FakeTrack(), new FakeTrack()];
  watch = new CaptureWatch(() => (lost += 1));
  watch.watch(both());
});

afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

test('a track that ends is lost at once, and once', () => {
  camera.end();
  microphone.end();
  expect(lost).toBe(1);
});

test('a microphone that a call takes is lost within two seconds', () => {
  microphone.mute(true);
  expect(lost).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(lost).toBe(1);
});

test('a moment of silence while devices change is none', () => {
  microphone.mute(true);
  vi.advanceTimersByTime(300);
  microphone.mute(false);
  vi.advanceTimersByTime(5_000);
  expect(lost).toBe(0);
});

test('what was gone before it was watched is lost too', () => {
  camera.readyState = 'ended';
  watch.watch(both());
  expect(lost).toBe(1);
});

test('tracks that are replaced are not watched any more', () => {
  const former = camera;
  camera = new FakeTrack();
  watch.watch(both());
  former.end();
  expect(lost).toBe(0);
});
