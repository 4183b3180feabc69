/** What is read of debug information that is broken or hostile: it ends soon, and with an error that says what is wrong. */
import { describe, expect, it } from '@jest/globals';
import { UsageError, type CodeView, type DebugTarget, type ModuleDebugInfo } from '@fireball/contracts';
import { attributes, encodings, tags, writeEntries, type DebugEntry, type DebugValue } from '@fireball/image';
import fc from 'fast-check';
import type { Frame } from '../session/frames.js';
import { SourceLines } from '../sources/source-lines.js';
import { debugInfoOf } from '../testing/source-modules.js';
import { formatObject } from './format-object.js';
import { FrameVariables } from './frame-variables.js';
import { ModuleVariables } from './module-variables.js';

/** Memory is all zeros, and no value of WebAssembly is known. */
function variablesOf(info: ModuleDebugInfo): { readonly ofModule: ModuleVariables; readonly ofFrames: FrameVariables } {
  const target = { peek: (_: number, size: number) => new Uint8Array(size) } as unknown as DebugTarget;
  const view = { memories: [0], globals: [] } as unknown as CodeView;
  const lines = new SourceLines(info);
  const ofModule = new ModuleVariables(info, lines.units, (at, number) => lines.fileAt(at, number));
  return { ofModule, ofFrames: new FrameVariables(ofModule, target, view) };
}

function frameAt(wasmOffset: number): Frame {
  return { code: undefined, boundary: { wasmOffset, codeOffset: 0, operands: [], isLive: () => false }, values: undefined } as unknown as Frame;
}

/** All that the activation shows. @returns what it refuses to */
function show(info: ModuleDebugInfo, offset: number): string | undefined {
  const { ofModule, ofFrames } = variablesOf(info);
  const frames = ofModule.withInlined([frameAt(offset)]);
  try {
    for (const frame of frames) for (const { object } of ofFrames.of(frame)) expect(formatObject(object).length).toBeLessThan(100_000);
    ofFrames.named('square', frames[0]);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

const infos = ['shapes-O0.wasm', 'shapes-O1-dwarf5.wasm', 'points-O2.wasm', 'area.wasm'].map(debugInfoOf);

it('any section with changed bytes, or its end cut off, is read as far as it goes', () => {
  const mutated = fc.record({
    info: fc.constantFrom(...infos),
    section: fc.constantFrom('.debug_info', '.debug_abbrev', '.debug_str', '.debug_loc', '.debug_loclists', '.debug_ranges', '.debug_rnglists', '.debug_addr'),
    changes: fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 6 }),
    length: fc.integer({ min: 0, max: 6000 }),
    offset: fc.nat(400),
  });
  fc.assert(
    fc.property(mutated, ({ info, section, changes, length, offset }) => {
      const bytes = info.sections.get(section)?.slice(0, length);
      if (bytes === undefined) return;
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      const message = show({ ...info, sections: new Map([...info.sections, [section, bytes]]) }, info.codeBase + offset);
      if (message !== undefined) expect(message).toMatch(/^debug information that cannot be read: ./);
    }),
    { numRuns: 400 },
  );
});

/** A function with one variable of a type, at address 1. */
function hostile(type: DebugEntry, location: DebugValue = { expression: new Uint8Array([0x03, 16, 0, 0, 0]) }, count = 1): ModuleDebugInfo {
  const variable: DebugEntry = {
    tag: tags.variable,
    attributes: [
      [attributes.name, { text: 'it' }],
      [attributes.type, { entry: type }],
      [attributes.location, location],
    ],
  };
  const code: DebugEntry = {
    tag: tags.subprogram,
    attributes: [
      [attributes.name, { text: 'run' }],
      [attributes.lowPc, { address: 1 }],
      [attributes.highPc, { number: 100 }],
    ],
    children: Array.from({ length: count }, () => variable),
  };
  const { info, abbreviations } = writeEntries({ tag: tags.compileUnit, attributes: [[attributes.lowPc, { address: 0 }]], children: [type, code] });
  return {
    file: 'hostile.wasm',
    sections: new Map([
      ['.debug_info', info],
      ['.debug_abbrev', abbreviations],
    ]),
    codeBase: 100,
    codeSize: 1000,
  };
}

/** Refers to itself. */
function knot(tag: number, ...more: DebugEntry['attributes']): DebugEntry {
  const entry: { tag: number; attributes: DebugEntry['attributes']; children?: DebugEntry[] } = { tag, attributes: [] };
  entry.attributes = [...more, [attributes.type, { entry }]];
  return entry;
}

const int: DebugEntry = {
  tag: tags.baseType,
  attributes: [
    [attributes.name, { text: 'int' }],
    [attributes.encoding, { number: encodings.signed }],
    [attributes.byteSize, { number: 4 }],
  ],
};

function shown(info: ModuleDebugInfo): string {
  return variablesOf(info)
    .ofFrames.of(frameAt(110))
    .map(({ name, object }) => `${name} = ${formatObject(object)}`)
    .join();
}

const [typedefTag, pointerTag, structureTag, memberTag] = [0x16, 0x0f, 0x13, 0x0d];

describe('types and locations without end', () => {
  it('a name for itself, a pointer to itself, an array of itself', () => {
    expect(() => shown(hostile(knot(typedefTag)))).toThrow(/a type behind more than 32 names/);
    expect(shown(hostile(knot(pointerTag)))).toMatch(/^it = \(.{0,500}\) 0x0$/);
    expect(() => shown(hostile(knot(tags.arrayType)))).toThrow(/an array of itself/);
  });

  it('a structure that is inside of itself twice', () => {
    const whole: { tag: number; attributes: DebugEntry['attributes']; children: DebugEntry[] } = { tag: structureTag, attributes: [], children: [] };
    const member: DebugEntry = { tag: memberTag, attributes: [[attributes.type, { entry: whole }]] };
    whole.attributes = [[attributes.byteSize, { number: 4 }]];
    whole.children = [member, member];
    const text = shown(hostile(whole));
    expect(text).toMatch(/\{\.\.\.\}/);
    expect(text.length).toBeLessThan(3000);
  });

  it('an expression that jumps back, one that grows, one without operands', () => {
    const of = (...bytes: number[]): string => shown(hostile(int, { expression: Uint8Array.from(bytes) }));
    expect(of(0x2f, 0xfd, 0xff)).toMatch(/an expression of more than 2000 operations/);
    expect(of(0x31, 0x12, 0x2f, 0xfc, 0xff)).toMatch(/an expression with more than 200 values/);
    expect(of(0x22)).toMatch(/an expression without operands/);
    expect(of(0x91, 0)).toMatch(/a function without a frame base/);
    expect(of(0xed, 7, 0)).toMatch(/a WebAssembly location of kind 7/);
    expect(of(0x35, 0x9f)).toBe('it = 5');
    expect(of(0x35, 0x93, 2)).toMatch(/it = <gone: nothing holds all of its value>/);
  });

  it('fifty thousand variables of one function', () => {
    expect(() => shown(hostile(int, undefined, 50_001))).toThrow(/more than 50000 variables and blocks/);
  });
});
