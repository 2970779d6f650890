/** Names in what people write: `@Ada`, also of several words. */

const WORD = /[\p{L}\p{N}_]/u;

/** Whether the text calls this person by name; case and accents as they are written elsewhere. */
export function speaksTo(text: string, name: string | null): boolean {
  if (!name) return false;
  const [said, wanted] = [fold(text), `@${fold(name)}`];
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + 1)) {
    const [before, after] = [said[at - 1] ?? '', said[at + wanted.length] ?? ''];
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

/** What is being typed after an `@` that ends at the caret; null where none is. */
export function typedMention(text: string, caret: number): { start: number; typed: string } | null {
  const start = text.lastIndexOf('@', caret - 1);
  if (start < 0 || WORD.test(text[start - 1] ?? '')) return null;
  const typed = text.slice(start + 1, caret);
  return /[\n@]/.test(typed) || typed.length > 40 ? null : { start, typed };
}

/** Those of the names that begin with what was typed, in their order. */
export function matching(names: readonly string[], typed: string, limit = 5): string[] {
  const wanted = fold(typed);
  return names.filter((name) => fold(name).startsWith(wanted)).slice(0, limit);
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
