/** A poll as it is being written, and what is sent of it. */
import type { Addressee, DraftPoll, DraftQuestion, Poll, PollKind, PollResults } from '$wire/types';

/** One option in every language of the show, by its tag. */
export interface WrittenOption {
  readonly key: number;
  texts: Record<string, string>;
  right: boolean;
}

export interface Written {
  kind: PollKind;
  questions: Record<string, string>;
  options: WrittenOption[];
  points: '5' | '10';
  low: Record<string, string>;
  high: Record<string, string>;
  most: number;
  results: PollResults;
  named: boolean;
  /** Seconds until it closes by itself; 0: never. */
  for_s: number;
  segments: string[];
  languages: string[];
}

export const OPTIONS_MOST = 20;
export const WORDS_MOST = 5;

let made = 0;

export function anOption(texts: Record<string, string> = {}, right = false): WrittenOption {
  made += 1;
  return { key: made, texts, right };
}

export function written(poll: Poll | null): Written {
  if (!poll) {
    return {
      kind: 'single',
      questions: {},
      options: [anOption(), anOption()],
      points: '5',
      low: {},
      high: {},
      most: 1,
      results: 'live',
      named: false,
      for_s: 0,
      segments: [],
      languages: [],
    };
  }
  const variants = poll.variants ?? [];
  const by = <T>(of: (variant: (typeof variants)[number]) => T | undefined): Record<string, T> =>
    Object.fromEntries(variants.flatMap((each) => (of(each) === undefined ? [] : [[each.language, of(each) as T]])));
  const choices = poll.kind === 'scale' ? [] : poll.options;
  return {
    kind: poll.kind,
    questions: by((each) => each.question),
    options: choices.map(({ id }, at) => anOption(by((each) => each.options[at]), poll.right?.includes(id) ?? false)),
    points: poll.options.length === 10 ? '10' : '5',
    low: by((each) => each.low),
    high: by((each) => each.high),
    most: poll.most,
    results: poll.results,
    named: poll.named,
    for_s: poll.for_s ?? 0,
    segments: distinct(poll.audience?.map((each) => each.segment)),
    languages: distinct(poll.audience?.map((each) => each.language)),
  };
}

/** Whether it can be sent: the first language is whole, others are whole or not begun. */
export function isWhole(form: Written, languages: readonly string[]): boolean {
  const [first] = languages;
  return first !== undefined && said(form.questions[first]) && languages.every((each) => fits(form, each));
}

/** What the server is asked for. */
export function draft(form: Written, languages: readonly string[]): DraftPoll {
  const spoken = languages.filter((each) => said(form.questions[each]));
  const right = form.options.flatMap((each, at) => (each.right ? [String(at + 1)] : []));
  const several = form.kind === 'multiple' || form.kind === 'words';
  return {
    kind: form.kind,
    variants: spoken.map((language) => question(form, language)),
    results: form.results,
    named: form.named,
    right: form.kind === 'quiz' ? right : [],
    audience: audience(form),
    ...(form.kind === 'scale' ? { points: Number(form.points) } : {}),
    ...(several ? { most: form.most } : {}),
    ...(form.for_s > 0 ? { for_s: form.for_s } : {}),
  };
}

export function hasOptions(kind: PollKind): boolean {
  return kind === 'single' || kind === 'multiple' || kind === 'quiz';
}

function question(form: Written, language: string): DraftQuestion {
  const low = form.low[language]?.trim();
  const high = form.high[language]?.trim();
  return {
    question: form.questions[language]?.trim() ?? '',
    language,
    options: hasOptions(form.kind) ? form.options.map((each) => each.texts[language]?.trim() ?? '') : [],
    ...(form.kind === 'scale' && low ? { low } : {}),
    ...(form.kind === 'scale' && high ? { high } : {}),
  };
}

/** Each chosen segment in each chosen language; of what is not chosen, any. */
function audience({ segments, languages }: Written): Addressee[] {
  if (segments.length + languages.length === 0) return [];
  return (segments.length > 0 ? segments : [null]).flatMap((segment) =>
    (languages.length > 0 ? languages : [null]).map((language) => ({ segment, language })),
  );
}

function fits(form: Written, language: string): boolean {
  if (!said(form.questions[language])) return true;
  if (!hasOptions(form.kind)) return true;
  const right = form.kind !== 'quiz' || form.options.some((each) => each.right);
  return right && form.options.every((each) => said(each.texts[language]));
}

function said(text: string | undefined): boolean {
  return (text ?? '').trim() !== '';
}

function distinct(found: (string | null | undefined)[] | undefined): string[] {
  return [...new Set(found?.filter((each) => typeof each === 'string'))];
}
