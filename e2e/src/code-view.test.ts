/** The rows and marks that every view of wasm, template and machine code shows. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codeOfFrame, rowsOf, Session, type CodeRow, type FunctionRows, type TemplateCell } from '@fireball/debugger';
import { debugCall, engineNamed, loadModule, type EngineOptions } from '@fireball/engines';
import { root } from './testing/fireball.js';

const options: EngineOptions = { fuel: 100_000_000, maxPages: 32 };

async function open(engine: string, kernel: string): Promise<{ readonly session: Session; readonly close: () => void }> {
  const loaded = await loadModule(join(root, 'packages', 'kernels', 'data', 'wasm', `${kernel}.wasm`));
  const { target, code } = debugCall(loaded, engineNamed(engine).vsoc!, options, 'run', []);
  return {
    session: new Session(target, code),
    close: () => {
      target.close();
    },
  };
}

/** The machine instructions of a placed template, and the template. */
interface Placed {
  readonly template: TemplateCell;
  readonly words: readonly number[];
  /** By instruction, the bits of holes that a predicate wants. */
  readonly bits: (instruction: number, wanted: (hole: string) => boolean) => number;
}

function placedIn({ rows }: FunctionRows): Placed[] {
  const bySite = new Map<number, CodeRow[]>();
  for (const row of rows) if (row.site !== undefined) bySite.set(row.site, [...(bySite.get(row.site) ?? []), row]);
  return [...bySite.values()].map((of) => {
    const { holes } = of[0]!.template!;
    return {
      template: of[0]!.template!,
      words: of.map(({ machine }) => machine!.word),
      bits: (instruction, wanted) => {
        const fields = holes.filter(({ name }) => wanted(name)).flatMap((hole) => hole.fields);
        return fields.filter(({ address }) => address === of[instruction]!.machine!.address).reduce((all, { bits }) => (all | bits) >>> 0, 0);
      },
    };
  });
}

describe.each(['thumb2', 'rv32'])('on %s', (engine) => {
  it.each(['fib', 'crc32', 'i64mix', 'sieve'])(
    '%s: every instruction has its row, every byte its instruction, and holes are where code differs',
    async (kernel) => {
      const { session, close } = await open(engine, kernel);
      const alike = new Map<string, Placed>();
      let compared = 0;
      for (const code of session.view.functions) {
        const shown = await rowsOf(code, session.target);
        const { rows } = shown;
        const inOrder = rows.filter(({ wasm }) => wasm?.outOfLine === false);
        expect(inOrder.map(({ wasmOffset, wasm }) => [wasmOffset, wasm?.text])).toEqual(code.wasm.map(({ offset, text }) => [offset, text]));
        let address = code.begin;
        for (const { machine } of rows) {
          if (machine === undefined) continue;
          expect(machine.address).toBe(address);
          expect(machine.word).toBe(Buffer.from(session.target.peek(address, machine.size)!).readUIntLE(0, machine.size));
          address += machine.size;
        }
        expect(address).toBe(code.end);
        for (const placed of placedIn(shown)) {
          const other = alike.get(placed.template.name);
          alike.set(placed.template.name, placed);
          if (other === undefined) continue;
          const values = new Map(other.template.holes.map(({ name, value }) => [name, value]));
          const changed = new Set(placed.template.holes.filter(({ name, value }) => values.get(name) !== value).map(({ name }) => name));
          for (const [index, word] of placed.words.entries()) {
            const differing = (word ^ other.words[index]!) >>> 0;
            // Where a template has forms of other lengths, words do not correspond.
            if (placed.words.length !== other.words.length) continue;
            expect((differing & ~placed.bits(index, (hole) => changed.has(hole))) >>> 0).toBe(0);
            compared += differing === 0 ? 0 : 1;
          }
        }
      }
      expect(compared).toBeGreaterThan(5);
      close();
    },
  );

  it('marks what comes next in both columns, at every step', async () => {
    const { session, close } = await open(engine, 'fib');
    for (let step = 0; step < 200; step++) {
      session.step(step % 3 === 0 ? 'wasm' : 'machine');
      const { here, boundary, target } = session;
      const shown = await codeOfFrame(session, 0, 4);
      if (here === undefined) continue;
      const { wasm, machine, exact } = shown.marks;
      expect(shown.function?.rows[machine!]?.machine?.address).toBe(target.pc);
      expect(exact).toBe(boundary !== undefined);
      expect(wasm).toBeDefined();
      if (boundary !== undefined) expect(shown.function?.rows[wasm!]?.wasmOffset).toBe(boundary.wasmOffset);
      expect(shown.disassembly).toBeUndefined();
    }
    close();
  });

  it('marks breakpoints, and the call in a caller', async () => {
    const { session, close } = await open(engine, 'fib');
    const code = session.view.functions.find(({ index }) => index === 1)!;
    const { id } = session.breakpoints.add('f1', [{ address: code.begin + code.locations.boundaries[0]!.codeOffset, order: 0 }]);
    await session.resume();
    const { marks } = await codeOfFrame(session, 0, 4);
    expect(marks.breakpoints).toContainEqual(expect.objectContaining({ row: marks.machine, machine: true, ids: [id] }));
    expect(marks.breakpoints).toContainEqual(expect.objectContaining({ row: marks.wasm, wasm: true, ids: [id] }));
    const caller = await codeOfFrame(session, 1, 4);
    const row = caller.function!.rows[caller.marks.wasm!]!;
    expect(row.wasm?.text).toMatch(/^call/);
    expect(caller.function!.rows[caller.marks.machine!]!.wasmOffset).toBe(row.wasmOffset);
    close();
  });
});

it.each(['vsoc-interp-thumb2', 'vsoc-interp-rv32'])('%s: what carries an instruction out is disassembled beside it', async (engine) => {
  const { session, close } = await open(engine, 'fib');
  for (let step = 0; step < 5; step++) session.step('wasm');
  session.step('machine');
  const { function: shown, marks, disassembly } = await codeOfFrame(session, 0, 6);
  expect(shown?.interpreted).toBe(true);
  expect(shown?.rows.every(({ machine, template }) => machine === undefined && template === undefined)).toBe(true);
  expect(marks.wasm).toBeDefined();
  const at = disassembly!.findIndex(({ address }) => address === session.target.pc);
  expect(at).toBe(6);
  const addresses = disassembly!.map(({ address, size }) => address + size);
  expect(addresses.slice(0, -1)).toEqual(disassembly!.slice(1).map(({ address }) => address));
  expect(disassembly![0]?.place).toBeDefined();
  close();
});
