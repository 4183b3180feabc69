import { InternalError, type GuardedFunction, type GuardedKind, type GuardedRange, type MemoryGuard, type MemoryViolation } from '@fireball/contracts';
import { hostCallPlan, type LinkedCode } from '@fireball/jit';
import type { FunctionType } from '@fireball/wasm';
import type { Chip } from '../chip/chip.js';
import { slotBytes, type VsocGlobal, type VsocTable } from '../runtime/externs.js';
import type { ConstantData } from '../runtime/instance/segments.js';
import type { VsocMemory } from '../runtime/linear-memory.js';
import type { Safepoints } from '../runtime/safepoints.js';
import type { VsocStore } from '../runtime/store.js';

/** What the sandbox checks beyond ownership. */
export interface SandboxOptions {
  /** The core traps on misaligned accesses: nothing may make any. What the system's `misaligned` says unless told otherwise. */
  readonly aligned?: boolean;
}

/** Generated code or a routine touched what it must not. Always our bug. */
export class SandboxViolationError extends InternalError {
  constructor(
    readonly violation: MemoryViolation,
    /** Function, template, routine: where the instruction stands. */
    readonly place: string,
  ) {
    const { kind, access, address, size, pc } = violation;
    super(`sandbox violation: ${access} of ${size} bytes at 0x${address.toString(16)}, ${explanations[kind]}; pc 0x${pc.toString(16)}, ${place}`);
  }
}

/** What the sandbox watches: a chip, all function slots, the word that safepoints read. */
interface SandboxedSystem extends Chip {
  readonly store: Pick<VsocStore, 'functionSlots'>;
  readonly safepoints: Pick<Safepoints, 'place'>;
}

/** An instance as the sandbox sees it: its code, and what that may access. */
interface SandboxedInstance {
  readonly code: readonly LinkedCode[];
  /** Where each function begins, with its type. */
  readonly entryPoints: readonly { readonly begin: number; readonly type: FunctionType }[];
  readonly memories: readonly VsocMemory[];
  readonly globals: readonly VsocGlobal[];
  readonly tables: readonly VsocTable[];
  /** Records of the segments, which dropping them writes. */
  readonly segmentRecords: readonly number[];
  /** Guest memory that routines read. */
  readonly constantData: readonly ConstantData[];
  /** Is the wasm instruction at this offset of the module a load or store? */
  isMemoryAccess(wasmOffset: number): boolean;
}

const explanations = {
  outside: 'outside of all that the function may access',
  frame: "beyond the function's frame",
  'below-stack': 'below the stack pointer',
  misaligned: 'not a multiple of its size',
} as const satisfies Record<MemoryViolation['kind'], string>;

const code: readonly GuardedKind[] = ['code'];
const routine: readonly GuardedKind[] = ['routine'];
const any: readonly GuardedKind[] = ['code', 'routine'];

/**
 * Test mode of a virtual SoC: every memory access of the guest is held against what the running function's instance owns.
 * Loads and stores of wasm reach its linear memories and nothing else, other generated code its globals, tables,
 * records and frame, routines what they work on.
 */
export class Sandbox {
  private readonly guard: MemoryGuard;
  private readonly instances = new Set<SandboxedInstance>();
  private stale = true;

  constructor(
    private readonly system: SandboxedSystem,
    { aligned = system.isa === 'rv32' && system.misaligned === 'split' }: SandboxOptions,
  ) {
    const { cpu, codeMemory, dataMemory, map } = system;
    this.guard = cpu.guardMemory({
      code: { begin: codeMemory.base, end: codeMemory.end },
      stack: { begin: map.stackReserve.base, end: dataMemory.stackTop },
      aligned,
    });
  }

  /** The instance's functions have been placed. */
  placed(instance: SandboxedInstance): void {
    this.instances.add(instance);
    for (const linked of instance.code) this.mark(instance, linked);
    this.changed();
  }

  /** [address, address + size) of code memory was freed, or holds no function. */
  removed(address: number, size: number): void {
    this.guard.mark(address, size, 'routine');
    this.changed();
  }

  /** Something got another size or owner. */
  changed(): void {
    this.stale = true;
  }

  private mark(instance: SandboxedInstance, linked: LinkedCode): void {
    this.guard.mark(linked.address, linked.bytes.length, 'code');
    for (const { offset, size, role, wasmOffset } of linked.sites) {
      if (role === 'access' && instance.isMemoryAccess(wasmOffset)) this.guard.mark(linked.address + offset, size, 'sandboxAccess');
    }
  }

  /** Brings the rules up to date; before anything runs. */
  refresh(): void {
    if (!this.stale) return;
    this.stale = false;
    const functions: GuardedFunction[] = [];
    const shared = this.sharedRanges();
    const owners = [...this.instances].map((instance, owner) => {
      for (const { type, begin } of instance.entryPoints) {
        functions.push({ begin, owner, argumentBytes: hostCallPlan(type, this.system.isa).stackBytes });
      }
      return merged([...shared, ...possessions(instance)]);
    });
    this.guard.setRules(functions, owners);
  }

  /** What everybody may read, and the result buffer. */
  private sharedRanges(): GuardedRange[] {
    const { map, codeMemory, store, safepoints } = this.system;
    const { place } = safepoints;
    const range = (begin: number, size: number, read: readonly GuardedKind[], write: readonly GuardedKind[] = []): GuardedRange => ({
      begin,
      end: begin + size,
      read,
      write,
    });
    return [
      range(map.rom.base, map.rom.size, routine),
      range(codeMemory.base, codeMemory.size, code),
      range(map.resultBuffer.base, map.resultBuffer.size, code, code),
      ...(place === undefined ? [] : [range(place.flag, 4, code)]),
      ...store.functionSlots.map((slot) => range(slot, slotBytes, code)),
    ];
  }

  /** @throws SandboxViolationError naming the first violation since the last check */
  check(): void {
    const violation = this.guard.takeViolation();
    if (violation !== null) throw new SandboxViolationError(violation, this.describe(violation.pc));
  }

  private describe(pc: number): string {
    const { codeMap, rom } = this.system;
    const location = codeMap.find(pc);
    if (location !== undefined) {
      return `function ${location.function.index}, template ${location.site.template}, wasm offset 0x${location.site.wasmOffset.toString(16)}`;
    }
    const [name] = [...rom.entries].filter(([, entry]) => entry <= pc).sort(([, a], [, b]) => b - a)[0] ?? ['no code'];
    return pc >= rom.base && pc < rom.base + rom.code.length ? `routine ${name}` : 'shared code';
  }

  activations(): number {
    return this.guard.activations();
  }

  unwind(kept: number): void {
    this.guard.unwind(kept);
  }
}

/** What an instance's own code and the routines that it calls may access. */
function possessions(instance: SandboxedInstance): GuardedRange[] {
  const all: readonly GuardedKind[] = ['code', 'routine', 'sandboxAccess'];
  return [
    ...instance.memories.flatMap(({ base, byteLength, record }) => [
      { begin: base, end: base + byteLength, read: all, write: all },
      { begin: record, end: record + 16, read: any, write: [] },
    ]),
    ...instance.globals.map(({ cell, type }) => ({ begin: cell, end: cell + 8, read: any, write: type.mutable ? code : [] })),
    ...instance.tables.flatMap(({ record, elements, capacity }) => [
      { begin: record, end: record + 16, read: any, write: routine },
      { begin: elements, end: elements + 4 * capacity, read: any, write: routine },
    ]),
    ...instance.segmentRecords.map((record) => ({ begin: record, end: record + 8, read: any, write: code })),
    ...instance.constantData.map(({ address, size }) => ({ begin: address, end: address + size, read: routine, write: [] })),
  ];
}

/** Sorted, empty ones left out, neighbours with equal rights as one: an access may span them. */
function merged(ranges: readonly GuardedRange[]): GuardedRange[] {
  const result: GuardedRange[] = [];
  for (const range of [...ranges].filter(({ begin, end }) => begin < end).sort((a, b) => a.begin - b.begin)) {
    const last = result.at(-1);
    if (last !== undefined && last.end >= range.begin && last.read === range.read && String(last.write) === String(range.write)) {
      result[result.length - 1] = { ...last, end: Math.max(last.end, range.end) };
    } else result.push(range);
  }
  return result;
}
