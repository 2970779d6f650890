/** Fails when a page asks for more JavaScript before it shows anything, or for a part of it, than it is allowed to. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/**
 * kB of gzip. `start`: the entry and all that it imports at once, after which the page stands in its
 * shape and the socket opens. `whole`: with what comes in parallel to that, until all can be used; the
 * last 1.0 is the way to what the team said to a question, which itself loads when there is some, and
 * what the parts that pages share cost in more pieces since there is a page of replays.
 * `onDemand`: parts by the name of their module, which only a show that uses them loads (`onDemand` in
 * the page's later.ts); each with what it imports beside the whole.
 */
const BUDGETS = {
  viewer: {
    start: 45,
    whole: 67,
    part: 'Show',
    onDemand: {
      Attention: 2, Recorded: 3, Programme: 2, Announcements: 8, Polls: 8, Slate: 2, Quality: 4, NoPicture: 2, Seats: 3,
      Calling: 5, Guest: 12, wide: 1, delayed: 2, hls: 125,
    },
  },
};
const dist = new URL(`${process.argv[2] ?? '../app/web/dist'}/`, import.meta.url);

const assets = readdirSync(new URL('assets/', dist));
const read = (name) => readFileSync(new URL(`assets/${name}`, dist));

/** These scripts and all that they import at once, and so on. */
function withImports(names) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const [, imported] of read(name).toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
      visit(imported);
    }
  };
  names.forEach(visit);
  return [...found];
}

const size_kB = (names) => names.reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0) / 1000;

/** The one script that was made of this module. */
function chunk(name) {
  const found = assets.filter((asset) => asset.startsWith(`${name}-`) && asset.endsWith('.js'));
  if (found.length !== 1) throw new Error(`${found.length} scripts are called ${name}`);
  return found[0];
}

const rows = [];
for (const [page, budget] of Object.entries(BUDGETS)) {
  const html = readFileSync(new URL(`${page}.html`, dist), 'utf8');
  const start = withImports([...html.matchAll(/src="\/assets\/([^"]+\.js)"/g)].map(([, name]) => name));
  const whole = withImports([...start, chunk(budget.part)]);
  rows.push([page, 'at start', size_kB(start), budget.start], [page, 'in all', size_kB(whole), budget.whole]);
  for (const [name, bound_kB] of Object.entries(budget.onDemand)) {
    const part = chunk(name);
    // Loaded with the page after all, it would escape its bound.
    if (whole.includes(part)) throw new Error(`${page} loads ${name} at once`);
    rows.push([page, name, size_kB(withImports([part]).filter((each) => !whole.includes(each))), bound_kB]);
  }
}
for (const [page, what, size, bound] of rows) {
  process.stdout.write(`${page}, ${what}: ${size.toFixed(2)} kB of ${bound}\n`);
}
process.exit(rows.some(([, , size, bound]) => size > bound) ? 1 : 0);
