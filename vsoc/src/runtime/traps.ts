import { FireballError, InternalError, type RunResult } from '@fireball/contracts';
import { trapKinds } from '@fireball/jit';
import type { TrapKind } from '@fireball/wasm';
import type { Chip } from '../chip/chip.js';
import type { CodeLocation } from '../chip/code-map.js';
import { romTrapNumber } from '../chip/rom.js';

/** A trap, told from the stub that code went to. */
export interface VsocTrap {
  readonly kind: TrapKind;
  /** Offset in the module of the instruction that trapped. */
  readonly wasmOffset: number | null;
  readonly functionIndex: number | null;
}

/** What can tell why the CPU has stopped. */
interface TrappedSystem extends Chip {
  /** A function of the host may have trapped. */
  readonly systemCalls: { takeTrap(): TrapKind | undefined };
  /** Absent where functions are compiled. */
  readonly interpreter: { locate(result: RunResult): Omit<VsocTrap, 'kind'> | undefined } | undefined;
  /** What runs beside generated code, if anything does. */
  readonly firmware: { faultOf(result: RunResult): FireballError | undefined } | undefined;
}

/** Register by which the bounds routine was called. */
const routineLink = { thumb2: 'lr', rv32: 't0' } as const;

/**
 * What stopped the CPU, in wasm's terms. Trap stubs are shared by a function's instructions: the
 * instruction retired before the stub tells which one branched there. The bounds routine lies
 * outside all functions: its link register tells. A routine in ROM traps by itself: the last
 * instruction retired in code memory is the one that called it.
 */
export function trapOf(system: TrappedSystem, result: RunResult): VsocTrap {
  const { codeMap, cpu, isa } = system;
  const hostTrap = system.systemCalls.takeTrap();
  if (hostTrap !== undefined) return { kind: hostTrap, wasmOffset: null, functionIndex: null };
  if (result.reason.kind === 'budget') return { kind: 'out of fuel', wasmOffset: null, functionIndex: null };
  if (result.reason.kind !== 'invalid-instruction') throw crash(system, result);
  const romTrap = trapKinds[romTrapNumber(system.rom, result.pc, (name) => cpu.readRegister(name)) ?? -1];
  const interpreted = system.interpreter?.locate(result);
  if (romTrap !== undefined && interpreted !== undefined) return { kind: romTrap, ...interpreted };
  if (romTrap !== undefined) return report(romTrap, codeMap.find(result.lastPcInRange ?? 0));
  const stub = codeMap.trapStubAt(result.pc);
  if (stub !== undefined) return reportCheck(system, stub, codeMap.find(result.previousPc));
  const here = codeMap.find(result.pc);
  if (here !== undefined) {
    if (here.site.role !== 'trap') throw crash(system, result);
    return report(trapKinds[0], here);
  }
  if (result.pc >= system.codeMemory.base && result.pc < system.codeMemory.end && result.pc !== system.exitAddress) {
    const link = (cpu.readRegister(routineLink[isa]) & ~1) >>> 0;
    const asker = codeMap.find(link - 4);
    if (asker !== undefined) return reportCheck(system, 'out of bounds memory access', asker);
  }
  throw crash(system, result);
}

/** As `report`; a check that several accesses share is blamed on the first of them that is out of bounds. */
function reportCheck(system: TrappedSystem, kind: TrapKind, location: CodeLocation | undefined): VsocTrap {
  const trap = report(kind, location);
  const shared = location?.site.sharedCheck;
  const size = location?.function.memoryBytes();
  if (shared === undefined || size === undefined) return trap;
  const anchor = system.cpu.readRegister(`${registerPrefix[system.isa]}${shared.register}`);
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
function crash(system: TrappedSystem, result: RunResult): FireballError {
  const fault = system.firmware?.faultOf(result);
  if (fault !== undefined) return fault;
  const location = system.codeMap.find(result.pc) ?? system.codeMap.find(result.previousPc);
  const where =
    location === undefined
      ? ''
      : ` in function ${location.function.index}, template ${location.site.template}, wasm offset 0x${location.site.wasmOffset.toString(16)}`;
  return new InternalError(
    `generated code crashed: ${JSON.stringify(result.reason)} at pc 0x${result.pc.toString(16)}, before it 0x${result.previousPc.toString(16)}${where}`,
  );
}

/** An active segment does not fit, or the start function trapped. What happened before stays (core spec 4.5.4). Exit status 1. */
export class InstantiationTrap extends FireballError {
  readonly exitStatus = 1;
  constructor(readonly trap: VsocTrap) {
    super(`instantiation trapped: ${trap.kind}`);
  }
}
