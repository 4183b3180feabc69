import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModuleDebugInfo } from '@fireball/contracts';
import { decodeModule } from '@fireball/wasm';

/** Where modules with debug information lie that real compilers have made. */
export const sourceModules = fileURLToPath(new URL('../../../../e2e/sources/', import.meta.url));

/** The debug information of one of `sourceModules`. */
export function debugInfoOf(name: string): ModuleDebugInfo {
  const { bytes, dwarf, sectionOffsets, bodies } = decodeModule(readFileSync(`${sourceModules}${name}`));
  const codeBase = sectionOffsets.get('code')!;
  const sections = new Map([...dwarf].map(([section, { start, end }]) => [section, bytes.slice(start, end)]));
  return { file: name, sections, codeBase, codeSize: bodies.at(-1)!.code.end - codeBase };
}
