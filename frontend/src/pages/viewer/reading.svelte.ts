/** Reading in one's own language, where the operator named a service; the original stays at hand. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { call } from '$core/http';
import type { Subject, SubjectKind } from '$wire/types';

export interface Service {
  readonly name: string;
  readonly host: string;
}

/** A message or a question, as far as reading it goes. */
export interface Line {
  readonly id: string;
  readonly revision: number;
  readonly language: string;
}

interface Asked {
  readonly line: Line;
  readonly kind: SubjectKind;
}

interface Read {
  readonly revision: number;
  readonly text: string;
}

const STORED = 'causerie_translate';
const TOGETHER_MS = 60;
const TOGETHER_MOST = 20;

export class Reading {
  /** Whether everything in another language is translated without being asked for. */
  automatic = $state(localStorage.getItem(STORED) === 'on');
  failed = $state(false);
  readonly #read = new SvelteMap<string, Read>();
  readonly #originals = new SvelteSet<string>();
  #waiting: Asked[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly slug: string,
    readonly by: Service,
    private readonly language: () => string,
  ) {}

  setAutomatic(on: boolean): void {
    this.automatic = on;
    localStorage.setItem(STORED, on ? 'on' : 'off');
  }

  /** Whether a line is in another language than its reader's. */
  offers(line: Line): boolean {
    return primary(line.language) !== primary(this.language());
  }

  /** The line's words in the reader's language, unless they look at the original. */
  textOf(line: Line): string | undefined {
    const read = this.#read.get(this.#key(line));
    return read && read.revision === line.revision && !this.#originals.has(line.id) ? read.text : undefined;
  }

  /** Has a line translated, or shows its original again. */
  toggle(line: Line, kind: SubjectKind): void {
    if (this.textOf(line) !== undefined) this.#originals.add(line.id);
    else {
      this.#originals.delete(line.id);
      this.ask(line, kind);
    }
  }

  /** Asks for a line once; lines that are asked for together go in one request. */
  ask(line: Line, kind: SubjectKind): void {
    if (this.#read.get(this.#key(line))?.revision === line.revision) return;
    if (this.#waiting.some((each) => each.line.id === line.id)) return;
    this.#waiting.push({ line, kind });
    if (this.#timer === undefined) this.#timer = setTimeout(() => void this.#send(), TOGETHER_MS);
  }

  isOriginal(line: Line): boolean {
    return this.#originals.has(line.id);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const to = this.language();
    const asked = this.#waiting.splice(0, TOGETHER_MOST);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => void this.#send(), TOGETHER_MS);
    const subjects: Subject[] = asked.map(({ line, kind }) => ({ kind, id: line.id }));
    const path = `/sessions/${encodeURIComponent(this.slug)}/translations`;
    const answer = await call<{ items: { subject: Subject; revision: number; text: string }[] }>(path, {
      method: 'POST',
      body: { subjects, to },
    });
    this.failed = !answer.ok;
    if (!answer.ok) return;
    for (const { subject, revision, text } of answer.value.items) {
      this.#read.set(`${to} ${subject.id}`, { revision, text });
    }
  }

  #key(line: Line): string {
    return `${this.language()} ${line.id}`;
  }
}

function primary(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? tag;
}
