import { InternalError, type FireballError, type RunResult } from '@fireball/contracts';
import { trapKinds } from '@fireball/jit';
import type { TrapKind } from '@fireball/wasm';
import type { CodeLocation } from './code-map.js';
import { romTrapNumber } from './rom.js';
import type { Vsoc } from './vsoc.js';

/** A trap, told from the stub that code went to. */
export interface VsocTrap {
  readonly kind: TrapKind;
  /** Offset in the module of the instruction that trapped. */
  readonly wasmOffset: number | null;
  readonly functionIndex: number | null;
}

/** Register by which the bounds routine was called. */
const routineLink = { thumb2: 'lr', rv32: 't0' } as const;

/**
 * What stopped the CPU, in wasm's terms. Trap stubs are shared by a function's instructions: the
 * instruction retired before the stub tells which one branched there. The bounds routine lies
 * outside all functions: its link register tells. A routine in ROM traps by itself: the last
 * instruction retired in code memory is the one that called it.
 */
export function trapOf(vsoc: Vsoc, result: RunResult): VsocTrap {
  const { codeMap, cpu, isa } = vsoc;
  const hostTrap = vsoc.systemCalls.takeTrap();
  if (hostTrap !== undefined) return { kind: hostTrap, wasmOffset: null, functionIndex: null };
  if (result.reason.kind === 'budget') return { kind: 'out of fuel', wasmOffset: null, functionIndex: null };
  if (result.reason.kind !== 'invalid-instruction') throw crash(vsoc, result);
  const romTrap = trapKinds[romTrapNumber(vsoc.rom, result.pc, (name) => cpu.readRegister(name)) ?? -1];
  const interpreted = vsoc.interpreter?.locate(result);
  if (romTrap !== undefined && interpreted !== undefined) return { kind: romTrap, ...interpreted };
  if (romTrap !== undefined) return report(romTrap, codeMap.find(result.lastPcInRange ?? 0));
  const stub = codeMap.trapStubAt(result.pc);
  if (stub !== undefined) return reportCheck(vsoc, stub, codeMap.find(result.previousPc));
  const here = codeMap.find(result.pc);
  if (here !== undefined) {
    if (here.site.template !== 'udf' && here.site.template !== 'ebreak') throw crash(vsoc, result);
    return report(trapKinds[0], here);
  }
  if (result.pc >= vsoc.codeMemory.base && result.pc < vsoc.codeMemory.end && result.pc !== vsoc.exitAddress) {
    const link = (cpu.readRegister(routineLink[isa]) & ~1) >>> 0;
    const asker = codeMap.find(link - 4);
    if (asker !== undefined) return reportCheck(vsoc, 'out of bounds memory access', asker);
  }
  throw crash(vsoc, result);
}

/** As `report`; a check that several accesses share is blamed on the first of them that is out of bounds. */
function reportCheck(vsoc: Vsoc, kind: TrapKind, location: CodeLocation | undefined): VsocTrap {
  const trap = report(kind, location);
  const shared = location?.site.sharedCheck;
  const size = location?.function.memoryBytes();
  if (shared === undefined || size === undefined) return trap;
  const anchor = vsoc.cpu.readRegister(`${registerPrefix[vsoc.isa]}${shared.register}`);
  const failed = shared.members.find((member) => ((anchor + member.delta) >>> 0) + member.size > size);
  return failed === undefined ? trap : { ...trap, wasmOffset: failed.wasmOffset };
}

const registerPrefix = { thumb2: 'r', rv32: 'x' } as const;

function report(kind: TrapKind, location: CodeLocation | undefined): VsocTrap {
  return {
    kind,
    wasmOffset: location?.site.wasmOffset ?? null,
    functionIndex: location?.function.index ?? null,
  };
}

/** Generated code left its world, which is never the module's fault, or firmware did. */
function crash(vsoc: Vsoc, result: RunResult): FireballError {
  const fault = vsoc.firmware?.faultOf(result);
  if (fault !== undefined) return fault;
  const location = vsoc.codeMap.find(result.pc) ?? vsoc.codeMap.find(result.previousPc);
  const where =
    location === undefined
      ? ''
      : ` in function ${location.function.index}, template ${location.site.template}, wasm offset 0x${location.site.wasmOffset.toString(16)}`;
  return new InternalError(
    `generated code crashed: ${JSON.stringify(result.reason)} at pc 0x${result.pc.toString(16)}, before it 0x${result.previousPc.toString(16)}${where}`,
  );
}

/** An active segment does not fit, or the start function trapped. What happened before stays (core spec 4.5.4). */
export class InstantiationTrap extends Error {
  constructor(readonly trap: VsocTrap) {
    super(`instantiation trapped: ${trap.kind}`);
  }
}
