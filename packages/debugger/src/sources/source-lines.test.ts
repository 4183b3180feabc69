/** Source lines of modules that real compilers have made, compared with llvm-dwarfdump's, and of what is left of them when bytes change. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { debugInfoOf, sourceModules } from '../testing/source-modules.js';
import { SourceLines } from './source-lines.js';

const rows = readFileSync(`${sourceModules}lines.txt`, 'utf8')
  .trim()
  .split('\n')
  .map((row) => {
    const [module = '', address = '', line = '', statement] = row.split(' ');
    return { module, address: Number.parseInt(address, 16), line: Number(line), isStatement: statement !== undefined };
  });
const modules = [...new Set(rows.map(({ module }) => module))];

describe.each(modules)('%s', (module) => {
  const info = debugInfoOf(module);
  const lines = new SourceLines(info);
  // Of several rows at one address the last one counts; what the linker has dropped is behind all code.
  const own = rows.filter((row) => row.module === module && row.address > 0 && row.address < info.codeSize);
  const last = own.filter(({ address }, index) => own[index + 1]?.address !== address);

  it('has the lines that llvm-dwarfdump names', () => {
    expect(lines.problems).toEqual([]);
    const named = last.filter(({ line }) => line !== 0);
    expect(named.length).toBeGreaterThan(8);
    expect(named.map(({ address }) => lines.at(info.codeBase + address)?.line)).toEqual(named.map(({ line }) => line));
  });

  it('has files with the folder of the compilation, by any end of their names', () => {
    const source = module.startsWith('area') ? 'area.rs' : 'points.c';
    expect(lines.files).toContain(`/build/${source}`);
    for (const name of [source, `build/${source}`, `/build/./${source}`]) expect(lines.named(name)).toEqual([`/build/${source}`]);
    for (const name of ['oints.c', 'other.c', '']) expect(lines.named(name)).toEqual([]);
  });
});

it('every copy of a line that has been inlined has its places', () => {
  const { files } = new SourceLines(debugInfoOf('points-O2.wasm'));
  expect(new SourceLines(debugInfoOf('points-O2.wasm')).runsOf({ file: files[0]!, line: 13 }).length).toBeGreaterThan(2);
});

describe('broken debug information', () => {
  const infos = modules.map((name) => debugInfoOf(name));
  const mutated = fc.record({
    info: fc.constantFrom(...infos),
    section: fc.constantFrom('.debug_line', '.debug_info', '.debug_abbrev', '.debug_str', '.debug_line_str'),
    changes: fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 8 }),
    length: fc.nat(3000),
  });

  it('any section with changed bytes, or its end cut off, is read as far as it goes', () => {
    fc.assert(
      fc.property(mutated, ({ info, section, changes, length }) => {
        const bytes = info.sections.get(section)?.slice(0, length);
        if (bytes === undefined) return;
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        const lines = new SourceLines({ ...info, sections: new Map([...info.sections, [section, bytes]]) });
        for (const file of lines.files)
          for (const line of lines.linesOf(file)) {
            const place = { file, line };
            expect(lines.runsOf(place).length + lines.sharedWith(place).length).toBeGreaterThan(0);
          }
        for (const problem of lines.problems) expect(problem).toMatch(/^\.debug_(?:line|info), offset 0x[0-9a-f]+: ./);
      }),
      { numRuns: 500 },
    );
  });

  it('names section and offset', () => {
    const info = debugInfoOf('points-O0.wasm');
    const line = info.sections.get('.debug_line')!;
    const { problems } = new SourceLines({ ...info, sections: new Map([...info.sections, ['.debug_line', line.subarray(0, line.length - 3)]]) });
    expect(problems).toEqual([expect.stringMatching(/^\.debug_line, offset 0x0: the section ends at 0x[0-9a-f]+, before 0x/)]);
  });
});
