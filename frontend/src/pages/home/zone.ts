/** A wall clock in a named zone, and the instant it means. Times are ISO 8601. */

/** How far the zone's clock is ahead of UTC at that instant, in ms. */
function offset_ms(instant_ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant_ms);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shown - Math.floor(instant_ms / 1000) * 1000;
}

/**
 * The instant of a wall clock such as `2026-12-03T18:30` in `zone`. An hour that the zone skips in
 * spring is read as the one after it; an hour it has twice in autumn is the first.
 */
export function instantOf(wall: string, zone: string): string {
  const asUtc = Date.parse(`${wall.slice(0, 16)}:00Z`);
  const early = asUtc - offset_ms(asUtc - 86_400_000, zone);
  const late = asUtc - offset_ms(asUtc + 86_400_000, zone);
  const fits = [Math.min(early, late), Math.max(early, late)].find(
    (instant) => instant + offset_ms(instant, zone) === asUtc,
  );
  return new Date(fits ?? Math.max(early, late)).toISOString();
}

/** The wall clock of an instant in `zone`, as a datetime-local field wants it. */
export function wallOf(instant: string, zone: string): string {
  const at = Date.parse(instant);
  return new Date(at + offset_ms(at, zone)).toISOString().slice(0, 16);
}

/** The zone of this device. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All zones this browser knows, our own among them. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return [...new Set([...known, ownZone(), 'UTC'])].sort();
}
