// Folds what a client of the pages was told, with the reducer of the pages themselves: reads
// `{start, events}` a line, writes the state that it leads to. Node reads TypeScript as it is;
// only the file's ending, which our imports leave out, has to be told.
import { registerHooks } from 'node:module';
import { createInterface } from 'node:readline';

registerHooks({
  resolve(name, context, next) {
    return next(name.startsWith('.') && !name.endsWith('.ts') ? `${name}.ts` : name, context);
  },
});

const core = new URL('../../frontend/src/core/', import.meta.url);
const { fold } = await import(new URL('reducer.ts', core));
await import(new URL('team.ts', core));

for await (const line of createInterface({ input: process.stdin })) {
  const { start, events } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(events.reduce((state, some) => fold(state, some), start))}\n`);
}
