/** Where the message functions come from and go to; run by itself it writes them. */
import { compile } from '@inlang/paraglide-js';

/** @type {import('@inlang/paraglide-js').CompilerOptions} */
export const i18n = {
  project: './project.inlang',
  outdir: './src/paraglide',
  // What the person chose, then what the browser asks for.
  strategy: ['cookie', 'preferredLanguage', 'baseLocale'],
  cookieName: 'causerie_lang',
  emitTsDeclarations: true,
  emitReadme: false,
};

if (import.meta.main) {
  await compile(i18n);
  // The compiler leaves timers behind that would hold this process for half a minute.
  process.exit(0);
}
