import type { DebugFunction } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import type { HostFile } from './host-files.js';

/** Functions that are compiled and evicted while the target runs, as libraries that gdb loads and unloads: one for each piece of code. */
export class Libraries {
  /** Those that gdb has been told of, by the names of their files. */
  #told = new Map<string, DebugFunction>();
  readonly #names = new Map<DebugFunction, string>();
  /** What stood for the code that it has been told of. */
  #code: object | undefined;
  #next = 1;

  constructor(
    private readonly session: Session,
    /** An ELF file with symbols, lines, variables and frames. */
    private readonly describe: (code: DebugFunction) => Promise<Uint8Array>,
  ) {
    this.#code = session.target.generatedCode;
  }

  /** Is there other code than gdb knows of? */
  get areOutdated(): boolean {
    return this.#code !== this.session.target.generatedCode;
  }

  /** gdb asks for the list. @returns what has gone since it did last */
  update(): readonly DebugFunction[] {
    this.#code = this.session.target.generatedCode;
    const now = new Set(this.session.view.functions.filter(({ interpreted }) => !interpreted));
    const gone = [...this.#told.values()].filter((code) => !now.has(code));
    for (const code of gone) this.#names.delete(code);
    this.#told = new Map([...now].map((code) => [this.#nameOf(code), code]));
    return gone;
  }

  #nameOf(code: DebugFunction): string {
    let name = this.#names.get(code);
    if (name === undefined) this.#names.set(code, (name = `/fireball-code/${this.#next++}-f${code.index}.elf`));
    return name;
  }

  /** What there was at the last `update` (GDB manual, E.14 "Library List Format"). A segment is where it is linked: there it lies. */
  list(): string {
    const xml = [...this.#told].map(([name, { begin }]) => `<library name="${name}"><segment address="0x${begin.toString(16)}"/></library>`);
    return `<?xml version="1.0"?><library-list>${xml.join('')}</library-list>`;
  }

  file(name: string): Promise<HostFile> | undefined {
    const code = this.#told.get(name);
    return code === undefined ? undefined : this.describe(code).then((bytes) => ({ name, bytes }));
  }
}
