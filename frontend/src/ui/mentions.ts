/** Whether a line calls someone by `@name`, whatever the case, with nothing of a longer name behind. */
export function mentions(text: string, name: string | null | undefined): boolean {
  if (!name) return false;
  const said = text.normalize('NFC').toLocaleLowerCase();
  const wanted = `@${name.normalize('NFC').toLocaleLowerCase()}`;
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + 1)) {
    if (!/^[\p{L}\p{N}]/u.test(said.slice(at + wanted.length))) return true;
  }
  return false;
}
