import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatInstruction, InstructionReader, type ValidatedModule } from '@fireball/wasm';
import type { Isa } from '@fireball/contracts';
import { withAbsoluteTarget } from '@fireball/disasm';
import { cores, noFeatures, type Features } from '../features.js';
import { compileFunction, type CodeSite, type LinkedCode } from '../compile.js';
import { formatHole } from '../debug/holes.js';
import { SymbolTable, withTargets } from '../debug/symbols.js';
import type { Disassembler } from '../templates/builder/listing.js';
import type { TemplateSet } from '../templates/index.js';
import type { CompilerName, LinkEnvironment } from '../environment.js';
import { codeAddress, entries, testEnvironment, withDirectCalls } from './environment.js';
import { functionSource } from '../source.js';

export const goldens = fileURLToPath(new URL('../../goldens/', import.meta.url));

/** Family whose code differs between the cores of one instruction set. */
const perCore = 'floats/';

/** The routines under test have no names of their own. */
const romSymbols = entries.map(({ begin, end }) => ({ name: 'rom', address: begin, size: end - begin }));

/** Listings of one folder: of a target's plain core, by either compiler, or of a core with a floating-point unit. */
interface GoldenTarget {
  readonly folder: string;
  readonly isa: Isa;
  readonly features: Features;
  readonly compiler: CompilerName;
  readonly cases: readonly string[];
}

export function goldenTargets(): GoldenTarget[] {
  const cases = goldenCases();
  return (['thumb2', 'rv32'] as const).flatMap((isa) => [
    { folder: isa, isa, features: noFeatures, compiler: 'optimizing' as const, cases: cases.filter((name) => !name.startsWith(perCore)) },
    { folder: `${isa}-baseline`, isa, features: noFeatures, compiler: 'baseline' as const, cases },
    ...Object.entries(cores[isa]).flatMap(([cpu, features]) =>
      features.size === 0 ? [] : [{ folder: cpu, isa, features, compiler: 'optimizing' as const, cases: cases.filter((name) => name.startsWith(perCore)) }],
    ),
  ]);
}

/** Names of the cases: `family/name` of each file under goldens/wat. */
export function goldenCases(): string[] {
  return readdirSync(join(goldens, 'wat'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(goldens, 'wat'), join(entry.parentPath, entry.name)).replace(/\.wat$/, ''))
    .sort();
}

/**
 * The listing of a module: for every placed template its wasm instruction, machine instructions, name and filled
 * holes. A wasm instruction that repeats further down has code out of line.
 */
export function listModule(templates: TemplateSet, disassembler: Disassembler, validated: ValidatedModule, environment: LinkEnvironment): string {
  const functions = validated.functions.map((entry) => {
    const code = compileFunction(functionSource(validated, entry), templates, environment).linkAt(codeAddress, entries);
    return [`function ${entry.index}: ${code.bytes.length} bytes`, ...siteLines(templates, disassembler, validated, entry.index, code)].join('\n');
  });
  return `${functions.join('\n\n')}\n`;
}

/** What a case is compiled for: with `;; memory: growing` in its text, a memory whose size may change; with `;; calls: direct`, functions that stay. */
export function goldenEnvironment(text: string, validated: ValidatedModule, features: Features): LinkEnvironment {
  const fixed = testEnvironment({ minBytes: minBytesOf(validated), fixed: !text.includes(';; memory: growing') }, features);
  const environment = { ...fixed, table: (index: number) => ({ ...fixed.table(index), count: fixedCountOf(validated, index) }) };
  return text.includes(';; calls: direct') ? withDirectCalls(environment) : environment;
}

function fixedCountOf({ module }: ValidatedModule, table: number): number | undefined {
  const limits = module.tables[table]?.limits;
  return limits?.min === limits?.max ? limits?.min : undefined;
}

function minBytesOf({ module }: ValidatedModule): number {
  const [memory] = module.memories;
  return memory === undefined ? 0 : memory.limits.min * memory.pageSize;
}

function siteLines(templates: TemplateSet, disassembler: Disassembler, { module }: ValidatedModule, index: number, code: LinkedCode): string[] {
  const symbols = new SymbolTable([{ name: `func[${index}]`, address: code.address, size: code.bytes.length }, ...romSymbols]);
  const machine = machineLines(templates.isa, disassembler, code.bytes, symbols);
  let shown = -1;
  return code.sites.flatMap((site) => {
    const wasm = site.wasmOffset === shown ? [] : [`  ${textAt(module.bytes, site.wasmOffset)}`];
    shown = site.wasmOffset;
    const trap = code.trapStubs.find(({ offset }) => offset === site.offset);
    const what = [site.template, ...holesOf(templates, site), ...(trap === undefined ? [] : [`; ${trap.kind}`])].join(' ');
    const [first = '', ...rest] = machine.filter(({ offset }) => offset >= site.offset && offset < site.offset + site.size).map(({ text }) => text);
    return [...wasm, `    ${first.padEnd(40)} ${what}`, ...rest.map((text) => `    ${text}`)];
  });
}

function machineLines(isa: Isa, disassembler: Disassembler, code: Uint8Array, symbols: SymbolTable): { offset: number; text: string }[] {
  const printed = disassembler.lines(code, codeAddress).map((line) => {
    const [address = '', text = ''] = line.split(/: (.*)/);
    return { address: Number.parseInt(address, 16), text: withAbsoluteTarget(isa, Number.parseInt(address, 16), text) };
  });
  const texts = withTargets(isa, printed, symbols);
  return printed.map(({ address }, index) => {
    const offset = address - codeAddress;
    return { offset, text: `${offset.toString(16).padStart(4, '0')} ${texts[index]!}` };
  });
}

function holesOf(templates: TemplateSet, { template, holes }: CodeSite): string[] {
  return holes.map(({ operand, value }) => `${operand}=${formatHole(templates, template, operand, value)}`);
}

function textAt(bytes: Uint8Array, offset: number): string {
  const reader = new InstructionReader(bytes, offset);
  reader.read();
  return formatInstruction(reader);
}
