/** Fails when a page asks for more JavaScript before it shows anything than it is allowed to. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/**
 * kB of gzip. `start`: the entry and all that it imports at once, after which the page stands in its
 * shape and the socket opens. `whole`: with what comes in parallel to that, until all can be used; the
 * last 0.5 is the way to what the team said to a question, which itself loads when there is some.
 */
const BUDGETS = { viewer: { start: 45, whole: 66.5, part: 'Show' } };
const dist = new URL(`${process.argv[2] ?? '../app/web/dist'}/`, import.meta.url);

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

let over = false;
for (const [page, budget] of Object.entries(BUDGETS)) {
  const html = readFileSync(new URL(`${page}.html`, dist), 'utf8');
  const entries = [...html.matchAll(/src="\/assets\/([^"]+\.js)"/g)].map(([, name]) => name);
  const part = readdirSync(new URL('assets/', dist)).filter((name) => name.startsWith(`${budget.part}-`) && name.endsWith('.js'));
  const start_kB = size_kB(withImports(entries));
  const whole_kB = size_kB(withImports([...entries, ...part]));
  over ||= part.length !== 1 || start_kB > budget.start || whole_kB > budget.whole;
  process.stdout.write(
    `${page}: ${start_kB.toFixed(1)} kB of ${budget.start} at start, ${whole_kB.toFixed(1)} of ${budget.whole} in all\n`,
  );
}
process.exit(over ? 1 : 0);
