import { afterEach, describe, expect, it } from '@jest/globals';
import { guardEntry, guardKinds, guardReads } from './guard.js';
import type { GuardRange } from './guard.js';
import type { Unicorn } from './index.js';
import { base, cortexM4, rv32, thrownBy, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

// Code from `base` on, data and stack in the same RAM behind it.
const code = { begin: base, end: base + 0x1000 };
const data = base + 0x2000;
const stack = { begin: base + 0x4000, end: base + 0x5000 };
const top = stack.end - 0x100;
const callee = base + 0x100;

/** Small programs in both instruction sets. `pointer` holds the address that is accessed, `target` the callee's. */
interface Programs {
  readonly machine: () => Machine;
  readonly registers: Record<'sp' | 'link' | 'pointer' | 'target', number>;
  readonly thumbBit: 0 | 1;
  readonly put: (machine: Machine, address: number, instructions: readonly number[]) => void;
  readonly store: readonly number[];
  readonly load: readonly number[];
  /** Stores below sp and never moves it. */
  readonly storeBelow: readonly number[];
  readonly call: readonly number[];
  /** Jumps to the target without a link. */
  readonly jump: readonly number[];
  readonly return: readonly number[];
  /** Saves the link and makes room: instructions, their halfwords, bytes of stack. `leave` undoes it and returns. */
  readonly enter: { readonly code: readonly number[]; readonly halfwords: number; readonly bytes: number };
  readonly leave: readonly number[];
  readonly stop: readonly number[];
}

const targets: Readonly<Record<string, Programs>> = {
  thumb2: {
    machine: cortexM4,
    registers: { sp: uc.ARM_REG_SP, link: uc.ARM_REG_LR, pointer: uc.ARM_REG_R0 + 1, target: uc.ARM_REG_R0 + 2 },
    thumbBit: 1,
    put: (machine, address, instructions) => machine.code(address, ...instructions),
    store: [0x6008], // str r0, [r1]
    load: [0x6808], // ldr r0, [r1]
    storeBelow: [0xf84d, 0x0c04], // str r0, [sp, #-4]
    call: [0x4790], // blx r2
    jump: [0x4710], // bx r2
    return: [0x4770], // bx lr
    enter: { code: [0xb510, 0xb082], halfwords: 2, bytes: 16 }, // push {r4, lr}; sub sp, #8
    leave: [0xb002, 0xbd10], // add sp, #8; pop {r4, pc}
    stop: [0xde00],
  },
  rv32: {
    machine: rv32,
    registers: { sp: uc.RISCV_REG_X0 + 2, link: uc.RISCV_REG_X0 + 1, pointer: uc.RISCV_REG_X0 + 11, target: uc.RISCV_REG_X0 + 12 },
    thumbBit: 0,
    put: (machine, address, instructions) => machine.words(address, ...instructions),
    store: [0x00a5_a023], // sw a0, 0(a1)
    load: [0x0005_a503], // lw a0, 0(a1)
    storeBelow: [0xfe11_2e23], // sw ra, -4(sp)
    call: [0x0006_00e7], // jalr ra, 0(a2)
    jump: [0x0006_0067], // jalr x0, 0(a2)
    return: [0x0000_8067], // ret
    enter: { code: [0xff01_0113, 0x0011_2623], halfwords: 4, bytes: 16 }, // addi sp, sp, -16; sw ra, 12(sp)
    leave: [0x00c1_2083, 0x0101_0113, 0x0000_8067], // lw ra, 12(sp); addi sp, sp, 16; ret
    stop: [0x0010_0073],
  },
};

const opened: Unicorn[] = [];
afterEach(() => {
  for (const engine of opened.splice(0)) engine.close();
});

const everything: readonly GuardRange[] = [{ begin: data, end: data + 0x100, rights: 0x3f }];

describe.each(Object.entries(targets))('the memory guard on %s', (_name, program) => {
  const { registers, put } = program;

  /** A guarded machine whose function at `base` belongs to owner 1 and the one at `callee` to owner 2. */
  function guarded(owners: readonly (readonly GuardRange[])[] = [[], everything, everything], aligned = false) {
    const machine = program.machine();
    const { engine } = machine;
    opened.push(engine);
    const marks = engine.guard_memory({ codeBegin: code.begin, codeEnd: code.end, stackBegin: stack.begin, stackEnd: stack.end, aligned });
    marks.fill(guardKinds.code);
    marks[0] = guardKinds.code | guardEntry;
    marks[(callee - base) >> 1] = guardKinds.code | guardEntry;
    engine.guard_rules(
      [
        { begin: base, argumentBytes: 0, owner: 1 },
        { begin: callee, argumentBytes: 0, owner: 2 },
      ],
      owners,
    );
    /** Runs from `base` until something stops it; the first violation. */
    const run = (pointer: number) => {
      engine.reg_write_i32(registers.sp, top);
      engine.reg_write_i32(registers.link, (base + 0xf00) | program.thumbBit);
      engine.reg_write_i32(registers.pointer, pointer);
      engine.reg_write_i32(registers.target, callee | program.thumbBit);
      expect(engine.run({ pc: base, budget: 100 }).reason).not.toBe('budget');
      return engine.guard_take();
    };
    return { machine, marks, engine, run };
  }

  it.each([
    ['first word', data, null],
    ['last word', data + 0xfc, null],
    ['a byte too far', data + 0xfd, 'outside'],
    ['behind', data + 0x100, 'outside'],
    ['before', data - 1, 'outside'],
    ['code', base + 0x800, 'outside'],
  ] as const)('a store to the %s', (_where, address, kind) => {
    const { machine, run } = guarded();
    put(machine, base, [...program.store, ...program.stop]);
    expect(run(address)).toEqual(kind === null ? null : { kind, access: 'write', pc: base, address, size: 4 });
  });

  it.each([
    ['read', guardKinds.code, guardReads.code, ['load']],
    ['write', guardKinds.code, guardReads.code << 1, ['store']],
    ['read by wasm', guardKinds.sandboxAccess, guardReads.sandboxAccess, ['load']],
    ['write by routines', guardKinds.routine, guardReads.routine << 1, ['store']],
  ] as const)('the right to %s allows just that', (_right, kind, rights, allowed) => {
    for (const access of ['load', 'store'] as const) {
      for (const running of Object.values(guardKinds)) {
        const { machine, marks, run } = guarded([[], [{ begin: data, end: data + 4, rights }]]);
        marks[0] = running | guardEntry;
        put(machine, base, [...program[access], ...program.stop]);
        const expected = running === kind && (allowed as readonly string[]).includes(access) ? null : 'outside';
        expect({ access, running, kind: run(data)?.kind ?? null }).toEqual({ access, running, kind: expected });
      }
    }
  });

  it('a function has the rights of its own owner, its caller gets its own back', () => {
    const { machine, run } = guarded([[], [], everything]);
    put(machine, callee, [...program.store, ...program.return]);
    put(machine, base, [...program.enter.code, ...program.call, ...program.stop]);
    expect(run(data)).toBeNull();
    put(machine, base, [...program.enter.code, ...program.call, ...program.store, ...program.stop]);
    expect(run(data)).toMatchObject({ kind: 'outside', address: data });
  });

  it('a tail call has the rights of the callee, in the same frame', () => {
    const { machine, engine, run } = guarded([[], [], everything]);
    put(machine, base, program.jump);
    put(machine, callee, [...program.store, ...program.stop]);
    expect(run(data)).toBeNull();
    expect(engine.guard_frames()).toBe(1);
    expect(run(top)).toMatchObject({ kind: 'frame' });
  });

  it('prologues, epilogues and the own frame are in order; the stack is empty behind the return', () => {
    const { machine, engine, run } = guarded();
    put(machine, callee, [...program.enter.code, ...program.store, ...program.leave]);
    put(machine, base, [...program.enter.code, ...program.call, ...program.stop]);
    expect(run(top - 2 * program.enter.bytes)).toBeNull();
    expect(engine.guard_frames()).toBe(1);
    expect(engine.guard_frames(0)).toBe(0);
  });

  it.each([
    ['the lowest word of the frame', -16, null],
    ["the caller's lowest word", 0, 'frame'],
    ["over the border to the caller's frame", -2, 'frame'],
    ['the word below sp', -20, 'below-stack'],
  ] as const)('a callee stores to %s', (_where, offset, kind) => {
    const { machine, run } = guarded();
    put(machine, callee, [...program.enter.code, ...program.store, ...program.leave]);
    put(machine, base, [...program.enter.code, ...program.call, ...program.stop]);
    expect(run(top - program.enter.bytes + offset)?.kind ?? null).toBe(kind);
  });

  it('a load below sp, a wasm load of the own frame', () => {
    const { machine, marks, run } = guarded();
    put(machine, base, [...program.load, ...program.stop]);
    expect(run(top - 4)).toMatchObject({ kind: 'below-stack', access: 'read' });
    put(machine, base, [...program.enter.code, ...program.load, ...program.stop]);
    expect(run(top - program.enter.bytes)).toBeNull();
    marks.fill(guardKinds.sandboxAccess, program.enter.halfwords);
    expect(run(top - program.enter.bytes)).toMatchObject({ kind: 'outside', access: 'read' });
  });

  it('a load of no memory, which the library tells by another hook', () => {
    const { machine, run } = guarded();
    put(machine, base, [...program.load, ...program.stop]);
    expect(run(0x7000_0000)).toEqual({ kind: 'outside', access: 'read', pc: base, address: 0x7000_0000, size: 4 });
  });

  it('a store below sp that sp does not follow', () => {
    const { machine, run } = guarded();
    put(machine, base, [...program.storeBelow, ...program.stop]);
    expect(run(data)).toMatchObject({ kind: 'below-stack', access: 'write', address: top - 4 });
  });

  it('misaligned accesses only count where asked', () => {
    for (const aligned of [false, true]) {
      const { machine, run } = guarded(undefined, aligned);
      put(machine, base, [...program.store, ...program.stop]);
      expect(run(data + 4)).toBeNull();
      expect(run(data + 6)?.kind).toBe(aligned ? 'misaligned' : undefined);
    }
  });

  it('reports the first violation, once', () => {
    const { machine, engine, run } = guarded();
    put(machine, base, [...program.load, ...program.store, ...program.stop]);
    expect(run(data + 0x200)).toMatchObject({ access: 'read' });
    expect(engine.guard_take()).toBeNull();
  });

  it('is there once and needs code', () => {
    const { engine } = guarded();
    const again = { codeBegin: base, codeEnd: base + 16, stackBegin: 0, stackEnd: 0 };
    expect(String(thrownBy(() => engine.guard_memory(again)))).toContain('guard_memory');
    const bare = program.machine();
    opened.push(bare.engine);
    expect(String(thrownBy(() => bare.engine.guard_memory({ ...again, codeEnd: base })))).toContain('guard_memory');
    expect(String(thrownBy(() => bare.engine.guard_take()))).toContain('guard_take');
    expect(String(thrownBy(() => bare.engine.guard_rules([], [])))).toContain('guard_rules');
  });
});
