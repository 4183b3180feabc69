import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { assembleText } from '@fireball/engines';
import { readElf32 } from '@fireball/image';
import { corpus } from '../corpus/index.js';
import type { Row } from '../corpus/row.js';
import { bytesOf, valuesOf } from '../corpus/run.js';
import { isInstalled, machines, runElf, type Machine } from './qemu/machine.js';
import { batches, parametersOf, prepare, withReferences, type Program } from './qemu/rows.js';

const kernels = fileURLToPath(new URL('../../packages/kernels/data/', import.meta.url));
const assembled = new Map<string, Promise<Uint8Array>>();

/** Each module is assembled once for all machines. */
function assemble(name: string, wat: string): Promise<Uint8Array> {
  const bytes = assembled.get(wat) ?? assembleText(`${name}.wat`, wat);
  assembled.set(wat, bytes);
  return bytes;
}

const names = Object.keys(JSON.parse(readFileSync(`${kernels}baselines.json`, 'utf8')) as object);

function kernelPrograms(): Program[] {
  return names.map((name) => ({
    title: name,
    modules: [{ name, bytes: new Uint8Array(readFileSync(`${kernels}wasm/${name}.wasm`)) }],
    // The second call finds the memory that the first one left.
    calls: ['run', 'run'].map((entry) => ({ module: name, name: entry, args: [] })),
  }));
}

async function programOf(family: string, row: Row): Promise<Program> {
  const modules = await Promise.all(
    row.modules.map(async (module) => ({ name: module.name, bytes: await bytesOf(module, (wat) => assemble(module.name, wat)) })),
  );
  const last = row.modules.at(-1)!.name;
  const calls = row.calls.map(([target, args]) => {
    const [name, module = last] = target.split('.').reverse() as [string, string?];
    const bytes = modules.find((candidate) => candidate.name === module)!.bytes;
    return { module, name, args: valuesOf(args, parametersOf(bytes, name)) };
  });
  return { title: `${family}: ${row.name}`, modules, calls };
}

/** The default core's machine is the first of its instruction set. */
const isDefault = (machine: Machine, cpu: string): boolean =>
  machine === machines.find(({ board }) => board.isa === machine.board.isa) && cpu === machine.cpus[0];
const targets = machines.flatMap((machine) => machine.cpus.map((cpu) => ({ machine, name: machine.name, cpu })));
/** What is selected differently for cores of one instruction set; the rest runs on the default core. */
const perCore = ['f32', 'f64', 'conversions'];

describe.each(targets)('QEMU $name, code for $cpu', ({ machine, cpu }) => {
  if (!isInstalled(machine)) {
    it.skip(`${machine.program} is not installed (Debian: ${machine.package}); bare ELF files are not judged`, () => undefined);
    return;
  }

  it.each(['optimizing', 'baseline'] as const)(
    'runs the kernels as the reference interpreter does, by the %s compiler',
    async (compiler) => {
      const { elf, expected } = await prepare(kernelPrograms(), machine.board, cpu, compiler);
      expect(runElf(machine, elf)).toEqual({ lines: expected, status: 0 });
    },
    60_000,
  );

  it('reports a fault that is no trap, and goes on with the next call', async () => {
    const bytes = await assemble(
      'faulty',
      '(module (func $f (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export "g") (result i32) (i32.const 3)))',
    );
    const calls = [
      { module: 'faulty', name: 'f', args: valuesOf([machine.argument], ['i32']) },
      { module: 'faulty', name: 'g', args: [] },
    ];
    const { elf } = await prepare([{ title: 'faulty', modules: [{ name: 'faulty', bytes }], calls }], machine.board, cpu);
    const { segments, symbols } = readElf32(elf);
    const code = (symbols.find(({ name }) => name === 'f')!.value & ~1) >>> 0;
    const segment = segments.find(({ virtualAddress, data }) => code >= virtualAddress && code < virtualAddress + data.length)!;
    // The reader's data is a view of the file.
    segment.data.set(machine.faultingInstruction, code - segment.virtualAddress);
    const address = code.toString(16).padStart(8, '0');
    expect(runElf(machine, elf)).toEqual({
      lines: [`faulty: f #1 crash, cause 0x${machine.faultCause} @ 0x${address}`, 'faulty: g #2 = 0x00000003'],
      status: 70,
    });
  }, 60_000);

  const families = corpus.filter(({ name }) => isDefault(machine, cpu) || perCore.includes(name));

  it.each(families.map(({ name, rows }) => ({ name, rows })))(
    'runs the corpus as the reference interpreter does: $name',
    async ({ name, rows }) => {
      const programs = await Promise.all(rows.map((row) => programOf(name, row)));
      for (const batch of batches(programs)) {
        const { elf, expected } = await prepare(batch, machine.board, cpu);
        const { lines, status } = runElf(machine, elf);
        expect(withReferences(lines, expected)).toEqual(expected);
        expect(status).toBe(expected.some((line) => line.includes(' trap ')) ? 1 : 0);
      }
    },
    60_000,
  );
});
