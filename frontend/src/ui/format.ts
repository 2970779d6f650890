/** Numbers, moments and durations in the reader's language. Every function is pure. */

/** `34:12` below an hour, `1:02:05` above; `elapsed_s` in seconds. */
export function clock(elapsed_s: number): string {
  const whole = Math.max(0, Math.floor(elapsed_s));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

export function number(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** Short age of a moment: seconds below a minute, then minutes, hours, days. */
export function age(at: string, now_ms: number, locale: string): string {
  const passed_s = Math.max(0, Math.round((now_ms - Date.parse(at)) / 1000));
  const [value, unit]: [number, Intl.RelativeTimeFormatUnit] =
    passed_s < 60
      ? [passed_s, 'second']
      : passed_s < 3600
        ? [Math.floor(passed_s / 60), 'minute']
        : passed_s < 86400
          ? [Math.floor(passed_s / 3600), 'hour']
          : [Math.floor(passed_s / 86400), 'day'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** `12:41` in the reader's own time zone and habit. */
export function timeOfDay(at: string, locale: string): string {
  timesOfDay[locale] ??= new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
  return timesOfDay[locale].format(new Date(at));
}

/** Making a formatter costs more than a whole line of the discussion, of which there are many. */
const timesOfDay: Record<string, Intl.DateTimeFormat> = {};

/** `Thursday 3 December at 18:30 CET`: the date of a show, with the zone it is told in. */
export function dateAndTime(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(at));
}

/** A language in its own words: `français`, `English`. */
export function languageName(tag: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(tag) ?? tag;
  } catch {
    // Not a well-formed tag: what was given is the most honest thing to show.
    return tag;
  }
}

/** `2.4 Mb/s` or `640 kb/s`; `rate_bps` in bits a second. */
export function bitrate(rate_bps: number, locale: string): string {
  const mega = rate_bps >= 1_000_000;
  const value = new Intl.NumberFormat(locale, {
    maximumFractionDigits: mega ? 1 : 0,
  }).format(rate_bps / (mega ? 1_000_000 : 1_000));
  return `${value} ${mega ? 'Mb/s' : 'kb/s'}`;
}

/** `3 %` in French, `3%` in English; `share` from 0 to 1. */
export function percent(share: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}
