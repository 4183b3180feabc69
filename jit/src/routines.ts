import type { Isa } from '@fireball/contracts';
import type { Assembly, Label } from './expand/assembly.js';
import { layOut, link } from './expand/expand.js';
import { target } from './core/layout/function.js';
import { toLabel } from './core/layout/placed.js';
import { noFeatures } from './features.js';
import { keptCore, wordsIn, type Core } from './instance/core.js';
import { placerOf } from './instance/placer.js';
import { targetNumbers } from './instance/roles.js';
import { boundsEntry } from './target/branches.js';
import { newAssembly } from './target/create.js';
import type { TemplateSet } from './templates/index.js';

/** Code that is no wasm function: shared runtime routines and stubs. */
export interface Routine {
  readonly size: number;
  linkAt(address: number): Uint8Array;
}

/** Index registers that a bounds check can be asked for: every register that can hold an address. */
const indexRegisters: Record<Isa, { first: number; last: number }> = {
  thumb2: { first: 0, last: 11 },
  rv32: { first: 8, last: 31 },
};

/** The number in the trap instruction by which generated code returns to the host. */
export const exitTrapNumber = 255;

/**
 * The exact bounds check of one memory: an entry per index register, then the shared check
 * (ABI.md, "Bounds checks"). `record` is the address of the memory's size in bytes.
 * The last template of the routine is where it traps.
 */
export function boundsRoutine(templates: TemplateSet, record: number): Routine {
  return kept(templates, `bounds ${record}`, () => {
    const assembly = newAssembly(templates);
    const check: Label = assembly.newLabel();
    const { first, last } = indexRegisters[templates.isa];
    const entry = boundsEntry(templates);
    for (let reg = first; reg <= last; reg++) {
      assembly.branch(entry, toLabel, check, 0, reg);
    }
    assembly.bind(check);
    assembly.emit(templates.require('bounds_check'), 0, record);
    return finished(assembly);
  });
}

/** Where the host makes calls return to: a trap that nothing else uses. */
export function exitRoutine(templates: TemplateSet): Routine {
  return kept(templates, 'exit', () => {
    const assembly = newAssembly(templates);
    if (templates.isa === 'thumb2') assembly.emit(templates.require('udf'), 0, exitTrapNumber);
    else assembly.emit(templates.require('ebreak'), 0);
    return finished(assembly);
  });
}

/** What a core with this instruction set's floating-point unit runs once before generated code; ends as `exitRoutine` does. */
export function floatStartRoutine(templates: TemplateSet): Routine {
  return kept(templates, 'float start', () => {
    const assembly = newAssembly(templates);
    assembly.emit(templates.require('fpu_start'), 0);
    assembly.emit(templates.require('udf'), 0, exitTrapNumber);
    return finished(assembly);
  });
}

/**
 * A function that is carried out by a system call: loads the service's number (r12 / t2), calls the
 * system, pops the stack arguments and returns.
 */
export function systemCallStub(templates: TemplateSet, service: number, stackBytes: number): Routine {
  return kept(templates, `system call ${service} ${stackBytes}`, () =>
    placedRoutine(templates, (core) => {
      core.placeSystemCallStub(service, stackBytes);
    }),
  );
}

/**
 * The yield service (ABI.md, "Safepoints") as a system call: it changes nothing but the scratch register, and returns by the link
 * register of routines.
 */
export function yieldStub(templates: TemplateSet, service: number): Routine {
  return kept(templates, `yield ${service}`, () =>
    placedRoutine(templates, (core) => {
      core.placeYieldStub(service);
    }),
  );
}

/** Routines that nothing but the set decides on: every system that is made asks for the same. */
const keptRoutines = new WeakMap<TemplateSet, Map<string, Routine>>();

function kept(templates: TemplateSet, name: string, make: () => Routine): Routine {
  let routines = keptRoutines.get(templates);
  if (routines === undefined) keptRoutines.set(templates, (routines = new Map<string, Routine>()));
  let routine = routines.get(name);
  if (routine === undefined) routines.set(name, (routine = keepingCode(make())));
  return routine;
}

/** Nearly always it is asked for at the same address again. */
function keepingCode(routine: Routine): Routine {
  let last: { readonly address: number; readonly code: Uint8Array } | undefined;
  return {
    size: routine.size,
    linkAt: (address) => {
      if (last?.address !== address) last = { address, code: routine.linkAt(address) };
      return last.code.slice();
    },
  };
}

/** What the core's macro assembler places. */
function placedRoutine(templates: TemplateSet, place: (core: Core) => void): Routine {
  const core = keptCore();
  const placer = placerOf(core);
  placer.prepareAlone(templates, noFeatures);
  wordsIn(core)[target >> 2] = targetNumbers[templates.isa];
  place(core);
  return linkable(placer.layOutPlaced(templates, 0));
}

function finished(assembly: Assembly): Routine {
  layOut(assembly);
  return linkable(assembly);
}

function linkable(assembly: Assembly): Routine {
  return { size: assembly.size, linkAt: (address) => link(assembly, address) };
}
