import { formatCount, type Isa } from '@fireball/contracts';
import type { CompilerName, TemplateSet } from '@fireball/jit';
import { buildCoreImage, coreImageRam, type CoreBoundsChecks } from '@fireball/vsoc';

/** What the compiler takes of a firmware's memories, as `compile-core` writes it: bytes. */
export interface CoreSizes {
  readonly target: Isa;
  /** Which one it is. */
  readonly kind: CompilerName;
  /** With and without bounds checks of its own. */
  readonly compiler: Readonly<Record<CoreBoundsChecks, number>>;
  readonly routines: number;
  /** Packed. */
  readonly tables: number;
  /** With the interpreter, more. */
  readonly validation: number;
  readonly interpreter: number;
}

/** RAM of firmware, at which the flash is measured that it takes. */
const ram = { base: 0x2100_0000, size: 0x10_0000 };

/** Compiles the compiler for firmware. */
export function measureCoreSizes(templates: TemplateSet, kind: CompilerName): CoreSizes {
  const { isa } = templates;
  const partsOf = (boundsChecks: CoreBoundsChecks, interpreter: boolean): ReturnType<typeof buildCoreImage>['parts'] =>
    buildCoreImage({ isa, compiler: kind, templates, ram, boundsChecks, interpreter }).parts;
  const all = partsOf('all', false);
  const whole = partsOf('all', true);
  return {
    target: isa,
    kind,
    compiler: { all: all.code, none: partsOf('none', false).code },
    routines: all.routines,
    tables: all.tables,
    validation: whole.code - all.code,
    interpreter: whole.routines - all.routines + whole.tables - all.tables,
  };
}

/** Of the page that tells how to use it. It repeats exactly. */
export function formatCoreSizesSection(measured: readonly CoreSizes[]): string {
  const row = (what: string, bytesOf: (sizes: CoreSizes) => number): string =>
    `| ${[what, ...measured.map((sizes) => formatCount(bytesOf(sizes)))].join(' | ')} |`;
  return [
    'Bytes, as `./fireball bench core` has measured them:',
    '',
    `| | ${measured.map(({ target, kind }) => `${target}, ${kind}`).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(measured.length)}`,
    row('compiler', ({ compiler }) => compiler.all),
    row('compiler with `--bounds-checks none`', ({ compiler }) => compiler.none),
    row('routines, and what firmware calls', ({ routines }) => routines),
    row('tables, packed: they are unpacked to RAM', ({ tables }) => tables),
    row('with `--interpreter`, more: validation', ({ validation }) => validation),
    row('interpreter, reading modules, their tables', ({ interpreter }) => interpreter),
    row('RAM for stack and fields', () => coreImageRam.fixed),
    row('RAM at least', () => coreImageRam.least),
  ].join('\n');
}
