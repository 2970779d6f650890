/**
 * The dialogs of the console, each in a file of its own that loads when it is first opened.
 * `place.open('rules')` opens one; its component gets `DialogProps`.
 */
import type { Component } from 'svelte';
import type { Item } from './items';
import type { Place } from './place.svelte';

export interface DialogProps {
  place: Place;
  /** What it is about, as it was when it was opened. */
  item: Item | null;
  onclose: () => void;
}

export type DialogName =
  | 'announce' | 'answer' | 'ear' | 'edit' | 'keys' | 'labels' | 'reply' | 'rules' | 'settle';

export const DIALOGS: Record<DialogName, () => Promise<{ default: Component<DialogProps> }>> = {
  announce: () => import('./AnnounceDialog.svelte'),
  answer: () => import('./AnswerDialog.svelte'),
  ear: () => import('./EarDialog.svelte'),
  edit: () => import('./EditDialog.svelte'),
  keys: () => import('./KeysDialog.svelte'),
  labels: () => import('./LabelsDialog.svelte'),
  reply: () => import('./ReplyDialog.svelte'),
  rules: () => import('./RulesDialog.svelte'),
  settle: () => import('./SettleDialog.svelte'),
};

/** By which dialog something is answered, if it can be. */
export function replyDialogOf(item: Item): DialogName | null {
  if (item.kind === 'message') return item.status === 'published' ? 'reply' : null;
  return ['published', 'picked', 'answering', 'answered'].includes(item.status) ? 'settle' : null;
}
