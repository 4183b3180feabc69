import type { EntryRange, FunctionSource, LinkedCode, LinkEnvironment, TemplateSet } from '@fireball/jit';
import { compileFunction, featuresOf } from '@fireball/jit';
import type { ValidatedFunction, ValidatedModule } from '@fireball/wasm';
import { slotBytes } from './externs.js';
import { memoryMap } from './memory-map.js';
import { loadRom } from './rom.js';
import { functionSource } from './source.js';
import { defaultCpu } from './vsoc.js';

/** A function's code that nothing runs: made to be measured or compared. */
export interface DetachedCode {
  readonly source: FunctionSource;
  readonly code: LinkedCode;
}

/** Where the code of every function is linked: behind the bounds routine. */
const codeAddress = memoryMap.code.base + 0x200;

/**
 * Compiles functions for the default core and an instance that does not exist: its memory may grow, and its data lie where those of a virtual SoC
 * would. Needs nothing of what the module imports.
 * @param wanted which functions with a body; all unless told otherwise
 */
export function* compileDetached(
  validated: ValidatedModule,
  templates: TemplateSet,
  wanted: (entry: ValidatedFunction, position: number) => boolean = () => true,
): Generator<DetachedCode> {
  const environment = detachedEnvironment(validated, templates);
  const { rom, code } = memoryMap;
  const entries: EntryRange[] = [
    { begin: rom.base, end: rom.base + rom.size },
    { begin: code.base, end: codeAddress },
  ];
  for (const [position, entry] of validated.functions.entries()) {
    if (!wanted(entry, position)) continue;
    const source = functionSource(validated, entry);
    yield { source, code: compileFunction(source, templates, environment).linkAt(codeAddress, entries) };
  }
}

function detachedEnvironment({ module }: ValidatedModule, templates: TemplateSet): LinkEnvironment {
  const { code, highData, linearMemory, lowData, resultBuffer, stack } = memoryMap;
  const rom = loadRom(templates.isa);
  const [memory] = module.memories;
  const place = (index: number): number => highData.base + 0x10_0000 + 16 * index;
  return {
    features: featuresOf(templates.isa, defaultCpu[templates.isa]),
    memory:
      memory === undefined
        ? undefined
        : {
            base: linearMemory.base,
            minBytes: memory.limits.min * memory.pageSize,
            fixed: memory.limits.min === memory.limits.max,
            boundsRoutine: code.base,
            record: lowData.base,
            pageShift: memory.pageSize === 1 ? 0 : 16,
          },
    globalAddress: (index) => lowData.base + 16 + 8 * index,
    slotAddress: (index) => highData.base + slotBytes * index,
    table: (index) => ({ record: place(index), elements: place(index) + 0x10_0000 }),
    typeNumber: (index) => index + 1,
    dataRecord: (segment) => place(segment) + 0x20_0000,
    elementRecord: (segment) => place(segment) + 0x30_0000,
    descriptorAddress: (_op, a, b) => place(a + b) + 0x40_0000,
    resultBuffer: resultBuffer.base,
    routineAddress: (op) => (op === 'memory.grow' ? code.base : rom.entries.get(op)),
    misaligned: 'hw',
    stackLimit: stack.base,
  };
}
