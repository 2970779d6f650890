/** The rules of a session as the desk speaks of them, and the set that its shield brings. */
import { m } from '$messages';
import type { Mode, SetMode } from '$wire/types';

export const LONG_FORM_CHARS = 60;

interface Rule {
  readonly id: string;
  readonly label: () => string;
  readonly hint?: () => string;
  /** What switching it on and off asks for. */
  readonly on: SetMode;
  readonly off: SetMode;
  readonly isOn: (mode: Mode) => boolean;
}

const SLOW_S = 10;

export const RULES: readonly Rule[] = [
  {
    id: 'newcomers',
    label: m.mod_rule_newcomers,
    hint: m.mod_rule_newcomers_hint,
    on: { hold_newcomers: true },
    off: { hold_newcomers: false },
    isOn: (mode) => mode.hold_newcomers,
  },
  { id: 'links', label: m.mod_rule_links, on: { links: false }, off: { links: true }, isOn: (mode) => !mode.links },
  { id: 'slow', label: m.mod_rule_slow, on: { slow_s: SLOW_S }, off: { slow_s: 0 }, isOn: (mode) => mode.slow_s > 0 },
  {
    id: 'review',
    label: m.mod_rule_review,
    on: { review: 'before' },
    off: { review: 'after' },
    isOn: (mode) => mode.review === 'before',
  },
  {
    id: 'members',
    label: m.mod_rule_members,
    hint: m.mod_rule_members_hint,
    on: { members_only: true },
    off: { members_only: false },
    isOn: (mode) => mode.members_only,
  },
  {
    id: 'questions',
    label: m.mod_rule_questions,
    on: { questions_only: true },
    off: { questions_only: false },
    isOn: (mode) => mode.questions_only,
  },
  {
    id: 'long',
    label: m.mod_rule_long,
    hint: () => m.mod_rule_long_hint({ count: LONG_FORM_CHARS }),
    on: { long_form: true },
    off: { long_form: false },
    isOn: (mode) => mode.long_form,
  },
  {
    id: 'emoji',
    label: m.mod_rule_emoji,
    on: { emoji_only: true },
    off: { emoji_only: false },
    isOn: (mode) => mode.emoji_only,
  },
];

const STORED = 'causerie_shield';
const USUAL: readonly string[] = ['newcomers', 'links', 'slow'];

/** The rules that the shield brings, by `Rule.id`. */
export function chosen(): readonly string[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(STORED) ?? 'null');
    const known = Array.isArray(read) ? RULES.filter((rule) => read.includes(rule.id)) : [];
    return known.length > 0 ? known.map((rule) => rule.id) : USUAL;
  } catch {
    // Nothing readable is stored, or nothing may be: the usual set holds.
    return USUAL;
  }
}

export function choose(ids: readonly string[]): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(ids));
  } catch {
    // Not remembered for the next visit.
  }
}

export function chosenShield(): SetMode {
  const ids = chosen();
  return Object.assign({}, ...RULES.filter((rule) => ids.includes(rule.id)).map((rule) => rule.on)) as SetMode;
}
