import { expect, test } from 'vitest';
import { instantOf, wallOf } from './zone';

test('a wall clock in winter and in summer means the right instant', () => {
  expect(instantOf('2026-12-03T18:30', 'Europe/Paris')).toBe('2026-12-03T17:30:00.000Z');
  expect(instantOf('2026-07-03T18:30', 'Europe/Paris')).toBe('2026-07-03T16:30:00.000Z');
  expect(instantOf('2026-07-03T18:30', 'Asia/Kolkata')).toBe('2026-07-03T13:00:00.000Z');
});

test('a wall clock on the day the clocks change is not off by an hour', () => {
  expect(instantOf('2026-10-25T18:30', 'Europe/Paris')).toBe('2026-10-25T17:30:00.000Z');
  expect(instantOf('2026-03-29T18:30', 'Europe/Paris')).toBe('2026-03-29T16:30:00.000Z');
  expect(instantOf('2026-11-01T00:30', 'America/New_York')).toBe('2026-11-01T04:30:00.000Z');
});

test('a skipped hour is read as the one after it, a doubled hour as the first', () => {
  expect(instantOf('2026-03-29T02:30', 'Europe/Paris')).toBe('2026-03-29T01:30:00.000Z');
  expect(instantOf('2026-10-25T02:30', 'Europe/Paris')).toBe('2026-10-25T00:30:00.000Z');
});

test('what a field shows is what was typed into it', () => {
  for (const zone of ['Europe/Paris', 'America/Los_Angeles', 'Pacific/Auckland', 'UTC']) {
    expect(wallOf(instantOf('2026-12-03T18:30', zone), zone)).toBe('2026-12-03T18:30');
  }
});
