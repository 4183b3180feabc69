import { describe, expect, it } from '@jest/globals';
import { assembleText, engines, type Engine } from '@fireball/engines';
import { UnsupportedError } from '@fireball/contracts';
import { decodeModule, InstructionReader, opcodes, type OpName } from '@fireball/wasm';
import { corpus } from '../corpus/index.js';
import type { Row } from '../corpus/row.js';
import { runRow } from '../corpus/run.js';
import { unsupported } from '../corpus/unsupported.js';

const assembled = new Map<string, Uint8Array>();

/** Each module is assembled once for all engines. */
async function assemble(wat: string): Promise<Uint8Array> {
  const bytes = assembled.get(wat) ?? (await assembleText('row.wat', wat));
  assembled.set(wat, bytes);
  return bytes;
}

/** The problems of a row, or the feature that the engine does not support. */
async function outcomeOf(row: Row, engine: Engine): Promise<readonly string[] | UnsupportedError> {
  try {
    return await runRow(row, engine, assemble);
  } catch (error) {
    if (error instanceof UnsupportedError) return error;
    throw error;
  }
}

it('the corpus has rows for everything', () => {
  const rows = corpus.flatMap((family) => family.rows);
  expect(rows.length).toBeGreaterThanOrEqual(300);
  for (const { name, rows: own } of corpus)
    expect({ name, twice: own.map((row) => row.name).filter((row, n, all) => all.indexOf(row) !== n) }).toEqual({ name, twice: [] });
});

it('every instruction is in some row', async () => {
  const used = new Set<OpName>();
  for (const { wat } of corpus.flatMap(({ rows }) => rows.flatMap(({ modules }) => modules))) {
    const { bytes, bodies } = decodeModule(await assemble(wat));
    for (const { code } of bodies) {
      const reader = new InstructionReader(bytes, code.start);
      while (reader.offset < code.end) {
        reader.read();
        used.add(reader.op.name);
      }
    }
  }
  expect(opcodes.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
});

describe.each(engines)('$name', (engine) => {
  const listed = unsupported[engine.name] ?? [];
  const met = new Set<string>();

  describe.each(corpus)('$name', ({ rows }) => {
    it.each(rows)('$name', async (row) => {
      const outcome = await outcomeOf(row, engine);
      if (outcome instanceof UnsupportedError) {
        met.add(outcome.feature);
        expect(listed).toContain(outcome.feature);
      } else {
        expect(outcome).toEqual([]);
      }
    });
  });

  it('does not support exactly what is listed', () => {
    expect([...met].sort()).toEqual([...listed].sort());
  });
});
