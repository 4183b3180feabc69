import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RunOutcome, Unicorn } from './index.js';
import { base, cortexM4, rv32, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

const opened: Unicorn[] = [];
function opens(make: () => Machine): Machine {
  const machine = make();
  opened.push(machine.engine);
  return machine;
}
afterEach(() => {
  opened.splice(0).forEach((engine) => {
    engine.close();
  });
});

const data = 0x3000_0000;
function withData(make: () => Machine, fast: boolean): Machine {
  const m = opens(make);
  if (fast) m.engine.fast_stores();
  m.engine.mem_map_native(data, 0x1000, uc.PROT_ALL);
  return m;
}

/** A loop that counts, stores the number at `data`, and loads what is behind it. */
const loops = {
  'Cortex-M4': {
    make: (fast = false): Machine => {
      const m = withData(cortexM4, fast);
      // adds r0, #1; str r0, [r2]; ldr r3, [r2, #4]; cmp r0, #100; it eq; moveq r4, #1; b base
      m.code(base, 0x3001, 0x6010, 0x6853, 0x2864, 0xbf08, 0x2401, 0xe7f8);
      m.engine.reg_write_i32(uc.ARM_REG_R2, data);
      return m;
    },
    size: 2,
    // The IT and its instruction are one.
    length: 7,
    starts: [0, 2, 4, 6, 8, 12],
  },
  RV32: {
    make: (fast = false): Machine => {
      const m = withData(rv32, fast);
      // addi a0, a0, 1; sw a0, 0(a2); lw a3, 4(a2); addi a4, a0, -100; jal x0, base
      m.words(base, 0x0015_0513, 0x00a6_2023, 0x0046_2683, 0xf9c5_0713, 0xff1f_f06f);
      m.engine.reg_write_i32(uc.RISCV_REG_X0 + 12, data);
      return m;
    },
    size: 4,
    length: 5,
    starts: [0, 4, 8, 12, 16],
  },
} as const;

/** Runs to the next stop, in slices, from one that has been passed. */
function resume({ engine }: Machine, pc: number, slice: number, most = 10_000): { outcome: RunOutcome; executed: number } {
  engine.stops.pass(pc);
  let executed = 0;
  for (let at = pc; ;) {
    const outcome = engine.run({ pc: at, budget: Math.min(slice, most - executed) });
    executed += outcome.executed;
    at = outcome.pc;
    if (outcome.reason !== 'budget' || executed >= most) return { outcome, executed };
  }
}

describe.each(Object.entries(loops))('%s', (_, { make, length, starts, size }) => {
  describe.each([false, true])('with fast stores: %s', (fast) => {
    const machine = (): Machine => make(fast);

    it('stops in front of an instruction each time that it comes, and goes on from there', () => {
      const m = machine();
      m.engine.stops.breakpoint(base + size, true);
      expect(resume(m, base, 1e6)).toMatchObject({ outcome: { reason: 'breakpoint', pc: base + size }, executed: 1 });
      for (let round = 0; round < 3; round++)
        expect(resume(m, base + size, 1e6)).toMatchObject({ outcome: { reason: 'breakpoint', pc: base + size, executed: length }, executed: length });
      m.engine.stops.breakpoint(base + size, false);
      expect(resume(m, base + size, 1e6, 1000).outcome.reason).toBe('budget');
    });

    it('stops at the instruction at which a run begins, unless that is passed', () => {
      const m = machine();
      m.engine.stops.breakpoint(base, true);
      expect(m.engine.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'breakpoint', pc: base, executed: 0 });
      m.engine.stops.pass(base);
      expect(m.engine.run({ pc: base, budget: 100 })).toMatchObject({ reason: 'breakpoint', pc: base, executed: length });
      expect(m.engine.run({ pc: base, budget: 100 })).toMatchObject({ reason: 'breakpoint', executed: 0 });
    });

    it('counts the same with a hundred breakpoints elsewhere', () => {
      const m = machine();
      for (let n = 0; n < 100; n++) m.engine.stops.breakpoint(base + 0x2000 + 0x10002 * n, true);
      expect(m.engine.run({ pc: base, budget: 7 * 5 * 1000 })).toMatchObject({ reason: 'budget', executed: 35_000, pc: base });
    });

    it.each([
      { kind: 'write', begin: data, bytes: 4, type: uc.MEM_WRITE, behind: 2 },
      { kind: 'write', begin: data + 3, bytes: 1, type: uc.MEM_WRITE, behind: 2 },
      { kind: 'read', begin: data + 6, bytes: 2, type: uc.MEM_READ, behind: 3 },
      { kind: 'access', begin: data, bytes: 8, type: uc.MEM_WRITE, behind: 2 },
    ] as const)('stops behind a $kind of $bytes bytes at $begin', ({ kind, begin, bytes, type, behind }) => {
      const m = machine();
      expect(m.engine.run({ pc: base, budget: 7 * 5 })).toMatchObject({ reason: 'budget', pc: base });
      const id = m.engine.stops.watch(begin, bytes, kind);
      const { outcome, executed } = resume(m, base, 1e6);
      expect(outcome).toMatchObject({
        reason: 'watchpoint',
        pc: base + behind * size,
        faultType: type,
        faultAddress: type === uc.MEM_WRITE ? data : data + 4,
        faultSize: 4,
      });
      expect(executed).toBe(behind);
      m.engine.stops.unwatch(id);
      expect(resume(m, outcome.pc, 1e6, 1000).outcome.reason).toBe('budget');
      expect(() => {
        m.engine.stops.unwatch(id);
      }).toThrow('UC_ERR_ARG');
    });

    it.each(['read', 'write'] as const)('does not stop behind a %s of other data, or of the other kind', (kind) => {
      const m = machine();
      m.engine.stops.watch(data + 8, 4, kind);
      m.engine.stops.watch(data - 4, 4, kind);
      m.engine.stops.watch(kind === 'read' ? data : data + 4, 4, kind);
      expect(resume(m, base, 1e6, 1000).outcome.reason).toBe('budget');
    });
  });

  it('stops are the same however a run is cut into slices', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...starts), { minLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (offsets, slices, watches) => {
          const runs = [1e6, ...slices].map((slice) => {
            const m = make();
            for (const offset of offsets) m.engine.stops.breakpoint(base + offset, true);
            if (watches) m.engine.stops.watch(data, 4, 'write');
            const seen: string[] = [];
            for (let pc = base, total = 0; seen.length < 12;) {
              const { outcome, executed } = resume(m, pc, slice);
              total += executed;
              pc = outcome.pc;
              seen.push(`${outcome.reason} ${pc - base} ${total}`);
            }
            return seen;
          });
          for (const run of runs) expect(run).toEqual(runs[0]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

it('a breakpoint within an IT block stops in front of the block', () => {
  const m = loops['Cortex-M4'].make();
  m.engine.stops.breakpoint(base + 10, true);
  expect(resume(m, base, 1e6)).toMatchObject({ outcome: { reason: 'breakpoint', pc: base + 8 }, executed: 4 });
  expect(resume(m, base + 8, 1e6)).toMatchObject({ outcome: { reason: 'breakpoint', pc: base + 8 }, executed: 7 });
});

it('a stop behind an access within an IT block is behind the block', () => {
  const m = withData(cortexM4, true);
  // it eq; streq r0, [r2]; adds r1, #1
  m.code(base, 0xbf08, 0x6010, 0x3101);
  m.engine.reg_write_i32(uc.ARM_REG_R2, data);
  m.engine.reg_write_i32(uc.ARM_REG_APSR, 0x4000_0000);
  m.engine.stops.watch(data, 4, 'write');
  expect(resume(m, base, 1e6, 100)).toMatchObject({ outcome: { reason: 'watchpoint', pc: base + 4, faultAddress: data }, executed: 2 });
});

it('nothing is watched that has no bytes, or wraps', () => {
  const { engine } = opens(rv32);
  expect(() => engine.stops.watch(data, 0, 'read')).toThrow('UC_ERR_ARG');
  expect(() => engine.stops.watch(0xffff_ffff_ffff_ffffn, 2, 'read')).toThrow('UC_ERR_ARG');
});
