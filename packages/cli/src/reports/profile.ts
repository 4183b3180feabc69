import type { ProfileCounts } from '@fireball/vsoc';
import { decodeInstruction, functionName, type WasmModule } from '@fireball/wasm';
import { formatProfileTables, sumBy, type ProfileRow } from './profile-tables.js';

/** What is shown of compiled code, most first. */
interface ProfileTables {
  readonly instructions: number;
  /** Functions, and routines in ROM. */
  readonly functions: readonly ProfileRow[];
  /** Wasm instructions by their names: the code placed for them, routines not included. */
  readonly operations: readonly ProfileRow[];
  readonly templates: readonly ProfileRow[];
  /** Wasm instructions by their places. */
  readonly places: readonly (ProfileRow & { readonly function: number; readonly wasmOffset: number })[];
}

/** @param module the one that ran */
export function profileTables({ instructions, sites, functions, routines }: ProfileCounts, module: WasmModule): ProfileTables {
  const operationAt = (offset: number): string => decodeInstruction(module.bytes, offset).op.name;
  return {
    instructions,
    functions: [
      ...[...functions].map(([index, { entered, instructions }]) => ({ name: functionName(module, index), times: entered, instructions })),
      ...[...routines].map(([name, { entered, instructions }]) => ({ name: `routine ${name}`, times: entered, instructions })),
    ].sort((a, b) => b.instructions - a.instructions),
    operations: sumBy(sites, ({ wasmOffset }) => operationAt(wasmOffset)).map(([[{ wasmOffset }], sum]) => ({
      name: operationAt(wasmOffset),
      instructions: sum,
    })),
    templates: sumBy(sites, ({ template }) => template).map(([same, sum]) => ({
      name: same[0].template,
      times: same.reduce((times, { entered }) => times + entered, 0),
      instructions: sum,
    })),
    places: sumBy(sites, ({ functionIndex, wasmOffset }) => `${functionIndex} ${wasmOffset}`).map(([[{ functionIndex, wasmOffset }], sum]) => ({
      name: `${functionName(module, functionIndex)} 0x${wasmOffset.toString(16)} ${operationAt(wasmOffset)}`,
      function: functionIndex,
      wasmOffset,
      instructions: sum,
    })),
  };
}

/** For people. */
export function formatProfile({ instructions, functions, operations, templates, places }: ProfileTables): string {
  return formatProfileTables(instructions, [
    ['function', functions],
    ['code for', operations],
    ['template', templates],
    ['place', places],
  ]);
}
