import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { FireballError, readInputText, unknownName, UsageError, type CodeView, type DebugTarget } from '@fireball/contracts';
import { listModule, type ModuleListing } from '../session/listing.js';
import type { Frame } from '../session/frames.js';
import { FrameVariables } from '../variables/frame-variables.js';
import { ModuleVariables } from '../variables/module-variables.js';
import { LineIndex, SourceLines, type LineRun, type SourcePlace } from './source-lines.js';

/** Largest source file in bytes. */
const largestSource = 16 * 1024 * 1024;

/** Another place for files whose names begin in one way. */
interface Substitution {
  readonly from: string;
  readonly to: string;
}

/** Offset in the module of the instruction that an activation is at. */
export function offsetOfFrame(frame: Pick<Frame, 'boundary' | 'code'> | undefined): number | undefined {
  return frame?.boundary?.wasmOffset ?? frame?.code?.wasm[0]?.offset;
}

/** Lines of the sources of a module, and their text as far as it is on this computer. */
export class Sources {
  #lines: SourceLines | undefined;
  #machineLines: LineIndex | undefined;
  #listing: ModuleListing | undefined;
  #substitutions: readonly Substitution[] = [];
  readonly #texts = new Map<string, readonly string[] | undefined>();

  #variables: { readonly ofModule: ModuleVariables; readonly ofFrames: FrameVariables } | undefined;

  constructor(
    private readonly view: CodeView,
    private readonly target: DebugTarget,
  ) {}

  /** Of C, Rust and the like; undefined where the module says nothing of them. */
  get lines(): SourceLines | undefined {
    const { debugInfo } = this.view;
    if (debugInfo === undefined) return undefined;
    this.#lines ??= new SourceLines(debugInfo);
    return this.#lines;
  }

  /** What files there are, and where the code of their lines is: by offset in the module, of firmware by address. */
  get index(): LineIndex | undefined {
    const { machineLines } = this.view;
    if (machineLines !== undefined) this.#machineLines ??= LineIndex.ofMachine(machineLines);
    return this.lines ?? this.#machineLines;
  }

  get #known(): { readonly ofModule: ModuleVariables; readonly ofFrames: FrameVariables } | undefined {
    const { debugInfo } = this.view;
    const { lines } = this;
    if (debugInfo === undefined || lines === undefined || lines.units.length === 0) return undefined;
    if (this.#variables === undefined) {
      const ofModule = new ModuleVariables(debugInfo, lines.units, (at, number) => lines.fileAt(at, number));
      this.#variables = { ofModule, ofFrames: new FrameVariables(ofModule, this.target, this.view) };
    }
    return this.#variables;
  }

  /** Variables of C, Rust and the like; undefined where the module says nothing of them. */
  get variables(): FrameVariables | undefined {
    return this.#known?.ofFrames;
  }

  /** Activations, and in front of each those of functions that compilers have inlined where it stands. */
  withInlined(frames: Frame[]): Frame[] {
    const known = this.#known;
    return known === undefined ? frames : known.ofModule.withInlined(frames);
  }

  /** Where copies of a function of the source begin that were inlined into others, as offsets in the module; none where nothing says so. */
  inlinedCopies(name: string): readonly Pick<LineRun, 'begin' | 'end'>[] {
    return this.#known?.ofModule.inlinedCopies(name) ?? [];
  }

  /** One instruction a line: what there always is. */
  get listing(): ModuleListing {
    this.#listing ??= listModule(this.view);
    return this.#listing;
  }

  /** The module's file, or firmware's, as the user named it. */
  get module(): string {
    return this.view.debugInfo?.file ?? this.view.image ?? 'module';
  }

  /** The name under which the listing is known. */
  get listingName(): string {
    return `${basename(this.module).replace(/\.(wasm|wat)$/, '')}.wat`;
  }

  /** Of the instruction at an offset in the module. */
  at(offset: number | undefined): LineRun | undefined {
    return offset === undefined ? undefined : this.lines?.at(offset);
  }

  /** Of an activation; where its frame is being set up, of its function's first instruction; where it has called a function that is inlined, of the call. */
  ofFrame(frame: Pick<Frame, 'boundary' | 'code' | 'level'> | undefined): SourcePlace | undefined {
    return frame?.level?.place ?? this.at(offsetOfFrame(frame));
  }

  /** The line that an activation is at, of a module or of firmware; undefined where nothing says so. */
  placeOf(frame: Pick<Frame, 'boundary' | 'code' | 'level' | 'pc'> | undefined): SourcePlace | undefined {
    const found = this.ofFrame(frame) ?? (frame === undefined ? undefined : this.view.lineAt?.(frame.pc));
    return found === undefined || found.line === 0 ? undefined : { file: found.file, line: found.line };
  }

  /** The file that a line without one is of: that of the activation, or the only one there is. */
  currentFile(frame: Pick<Frame, 'boundary' | 'code' | 'level' | 'pc'> | undefined): string | undefined {
    const files = this.index?.files ?? [];
    return this.placeOf(frame)?.file ?? (files.length === 1 ? files[0] : undefined);
  }

  /** Names of files that code comes from and that a name means: whole ones, or their ends. @throws UsageError where there is none */
  named(name: string): readonly string[] {
    const files = this.index?.named(name) ?? [];
    if (files.length > 0) return files;
    throw unknownName('source file', name, [...new Set([...(this.index?.files ?? []).map((file) => basename(file)), ...this.#listed])]);
  }

  get #listed(): readonly string[] {
    return this.view.functions.length === 0 ? [] : [this.listingName];
  }

  get substitutions(): readonly Substitution[] {
    return this.#substitutions;
  }

  /** Files whose names begin with the folder `from` are looked for in `to`; a later rule for the same folder takes the place of an earlier one. */
  substitute(from: string, to: string): void {
    const folder = from.replace(/(?<=.)\/+$/, '');
    if (folder === '' || to === '') throw new UsageError('the beginning of names, and what it becomes, are wanted: set substitute-path /build /home/me/src');
    this.#substitutions = [...this.#substitutions.filter((rule) => rule.from !== folder), { from: folder, to }];
    this.#texts.clear();
  }

  /** Where a source file is on this computer; undefined where it is not. Relative names are relative to the module's folder. */
  pathOf(file: string): string | undefined {
    const moved = this.#moved(file);
    const folder = dirname(resolve(this.module));
    const candidates = isAbsolute(moved) ? [moved] : [join(folder, moved)];
    return [...candidates, join(folder, basename(moved))].find((candidate) => existsSync(candidate));
  }

  #moved(file: string): string {
    const rule = this.#substitutions.find(({ from }) => file === from || file.startsWith(from === '/' ? from : `${from}/`));
    return rule === undefined ? file : join(rule.to, file.slice(rule.from.length));
  }

  /** Lines of a source file, tabs as blanks; undefined where it is not on this computer, or cannot be read. */
  text(file: string): readonly string[] | undefined {
    if (!this.#texts.has(file)) this.#texts.set(file, this.#read(file));
    return this.#texts.get(file);
  }

  #read(file: string): readonly string[] | undefined {
    const path = this.pathOf(file);
    if (path === undefined) return undefined;
    try {
      return readInputText(path, largestSource).split(/\r?\n/).map(expanded);
    } catch (error) {
      if (error instanceof FireballError) return undefined;
      throw error;
    }
  }

  /** What is wrong with the module's debug information, in one sentence; empty where nothing is. */
  get warning(): string {
    const [first, ...more] = this.lines?.problems ?? [];
    if (first === undefined) return '';
    return `warning: debug information that cannot be read is left out: ${first}${more.length === 0 ? '' : `, and ${more.length} more`}`;
  }
}

/** Tabs as blanks: eight columns each, as far as it takes. */
function expanded(text: string): string {
  return text.replaceAll(/[^\t]*\t/g, (piece) => piece.slice(0, -1) + ' '.repeat(8 - ((piece.length - 1) % 8)));
}
