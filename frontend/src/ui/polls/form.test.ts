import { expect, test } from 'vitest';
import { anOption, draft, isWhole, written } from './form';

const LANGUAGES = ['en', 'fr'];

test('a form is whole with its first language, and with others whole or not begun', () => {
  const form = written(null);
  expect(isWhole(form, LANGUAGES)).toBe(false);
  form.questions = { en: 'Which?' };
  form.options = [anOption({ en: 'Red' }), anOption({ en: 'Blue' })];
  expect(isWhole(form, LANGUAGES)).toBe(true);
  form.questions = { en: 'Which?', fr: 'Laquelle ?' };
  expect(isWhole(form, LANGUAGES)).toBe(false);
  expect(isWhole({ ...form, kind: 'words' }, LANGUAGES)).toBe(true);
  expect(isWhole({ ...form, questions: { en: 'Which?' }, kind: 'quiz' }, LANGUAGES)).toBe(false);
});

test('what is sent has a variant a language, and each chosen segment in each chosen language', () => {
  const form = written(null);
  form.kind = 'quiz';
  form.questions = { en: 'Which?', fr: 'Laquelle ?' };
  form.options = [anOption({ en: 'Red', fr: 'Rouge' }), anOption({ en: 'Blue', fr: 'Bleu' }, true)];
  form.segments = ['customer', 'prospect'];
  form.languages = ['fr'];
  const sent = draft(form, LANGUAGES);
  expect(sent.variants?.map((each) => [each.language, each.options])).toEqual([
    ['en', ['Red', 'Blue']],
    ['fr', ['Rouge', 'Bleu']],
  ]);
  expect(sent.right).toEqual(['2']);
  expect(sent.audience).toEqual([
    { segment: 'customer', language: 'fr' },
    { segment: 'prospect', language: 'fr' },
  ]);
  expect(sent.most).toBeUndefined();
});
