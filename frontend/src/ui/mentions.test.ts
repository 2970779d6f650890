import { describe, expect, it } from 'vitest';
import { mentions } from './mentions';

describe('a mention', () => {
  it.each([
    ['@Ana can you take this?', true],
    ['ask @ana, please', true],
    ['thanks @ANA', true],
    ['@Anabel knows', false],
    ['@Anabel or @Ana', true],
    ['Ana is here', false],
  ])('%s: %s', (text, found) => {
    expect(mentions(text, 'Ana')).toBe(found);
  });

  it('of someone without a name is none', () => {
    expect(mentions('@', null)).toBe(false);
  });
});
