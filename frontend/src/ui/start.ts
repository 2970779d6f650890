/** Starts a page: its theme, its language on the document, its component in the one place for it. */
import { mount, type Component } from 'svelte';
import { getLocale, getTextDirection } from '$runtime';
import './base.css';
import { theme, type Theme } from './theme.svelte';

export function start(page: Component, preferred: Theme = 'system'): void {
  theme.prefer(preferred);
  document.documentElement.lang = getLocale();
  document.documentElement.dir = getTextDirection();
  const target = document.getElementById('app');
  if (target) mount(page, { target });
}
