// @vitest-environment node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contrast, mix, rgb, type Rgb } from './contrast';

const css = readFileSync(fileURLToPath(new URL('./tokens.css', import.meta.url)), 'utf8');

function tokensOf(theme: 0 | 1): Map<string, Rgb> {
  const tokens = new Map<string, Rgb>();
  for (const [, name, light, dark] of css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
    tokens.set(name as string, rgb((theme === 0 ? light : dark) as string));
  }
  const mixes = [...css.matchAll(/var\(--accent\) (\d+)%, (#\w{6})/g)][theme];
  tokens.set('accent-soft', mix(tokens.get('accent') as Rgb, rgb(mixes?.[2] as string), Number(mixes?.[1]) / 100));
  return tokens;
}

const segments = ['customer', 'prospect', 'ambassador', 'influencer'];
const labels = ['red', 'orange', 'green', 'teal', 'blue', 'violet', 'pink', 'grey'].map((colour) => `label-${colour}`);
const grounds = ['paper', 'card'];
const fills = [...grounds, 'soft', 'soft-strong', 'accent-soft'];

/** Text on its ground: every pair that the pages put together. */
const texts: [string, string][] = [
  ...fills.map((ground): [string, string] => ['ink', ground]),
  ...fills.map((ground): [string, string] => ['soft-muted', ground]),
  ...[...grounds, 'accent-soft'].map((ground): [string, string] => ['muted', ground]),
  ...[...grounds, 'accent-soft'].map((ground): [string, string] => ['accent-text', ground]),
  ...['good', 'warn', 'bad'].flatMap((tone): [string, string][] => [
    ...grounds.map((ground): [string, string] => [tone, ground]),
    [tone, `${tone}-soft`],
    ['ink', `${tone}-soft`],
  ]),
  ...segments.flatMap((segment): [string, string][] => [
    ...grounds.map((ground): [string, string] => [segment, ground]),
    [segment, `${segment}-soft`],
    // Initials on a person's colour
    ['card', segment],
  ]),
  ['general-text', 'paper'],
  ['general-text', 'card'],
  ['general-text', 'general-soft'],
  ['card', 'general'],
  ['accent-ink', 'accent'],
  ['paper', 'ink'],
];

/** Edges of what takes input, focus rings, fills that must stand out, and curves. */
const edges: [string, string][] = [
  ['edge', 'paper'],
  ['edge', 'card'],
  ['edge', 'soft'],
  ['accent', 'paper'],
  ['accent', 'card'],
  ['general', 'paper'],
  ['general', 'card'],
  ['ink', 'soft'],
  ...labels.flatMap((dot) => [...grounds, 'general-soft'].map((ground): [string, string] => [dot, ground])),
];

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('in the %s theme', (_name, theme) => {
  const tokens = tokensOf(theme);
  const ratio = (front: string, back: string): number =>
    contrast(tokens.get(front) as Rgb, tokens.get(back) as Rgb);

  test.each(texts)('%s on %s reaches 4.5 : 1', (front, back) => {
    expect(ratio(front, back)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(edges)('%s against %s reaches 3 : 1', (front, back) => {
    expect(ratio(front, back)).toBeGreaterThanOrEqual(3);
  });

  test('every colour token is named in a pair', () => {
    const named = new Set([...texts, ...edges].flat());
    const decorative = new Set(['line']);
    expect([...tokens.keys()].filter((token) => !named.has(token) && !decorative.has(token))).toEqual([]);
  });
});
