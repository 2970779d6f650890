import { expect, test } from 'vitest';
import { aSnapshot } from '$core/samples';
import type { Announcement, Variant } from '$wire/types';
import { offerFor } from './offers';

const link = (url: string): Pick<Variant, 'link'> => ({ link: { url } as Variant['link'] & object });
const announcement = (id: string, ...variants: Variant[]): Announcement => ({
  id,
  revision: 1,
  status: 'active',
  at: `2026-11-20T19:0${id}:00.000Z`,
  variants,
});
const everyone = announcement(
  '1',
  { segment: null, language: 'en', text: 'Free delivery', ...link('https://a.example/free') },
  { segment: null, language: 'fr', text: 'Livraison offerte', ...link('https://a.example/offerte') },
);
const customers = announcement('2', {
  segment: 'customer',
  language: 'en',
  text: 'Ten per cent',
  ...link('https://a.example/ten'),
});
const notice = announcement('3', { segment: null, language: 'en', text: 'We begin in a minute' });

test('an offer is in the words of whom it is for, and the latest goes first', () => {
  const told = aSnapshot({ announcements: [everyone, customers, notice] });
  expect(offerFor(told, 'customer', 'en')).toBe('Ten per cent https://a.example/ten');
  expect(offerFor(told, 'customer/vip', 'en-GB')).toBe('Ten per cent https://a.example/ten');
  expect(offerFor(told, 'customer', 'fr')).toBe('Ten per cent https://a.example/ten');
  expect(offerFor(told, 'prospect', 'fr')).toBe('Livraison offerte https://a.example/offerte');
  expect(offerFor(told, 'prospect', 'de')).toBe('Free delivery https://a.example/free');
});

test('without an announcement that has a link there is no offer, whatever is pinned', () => {
  expect(offerFor(aSnapshot({ announcements: [notice] }), 'customer', 'en')).toBeUndefined();
});
