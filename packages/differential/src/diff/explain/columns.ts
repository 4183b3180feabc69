import { rowsOf, type CodeRow } from '@fireball/debugger';
import { listFunction, listInstructions, symbolsOf, type LoadedModule } from '@fireball/engines';
import { fieldsOfHoles } from '@fireball/jit';
import type { Vsoc } from '@fireball/vsoc';
import { functionName } from '@fireball/wasm';

/** Rows in front of an instruction and behind its first one. */
const [before, behind] = [12, 24];

/** Rows of a function's code around an instruction; none where the function has no code. */
export async function columnsAround({ module, validated }: LoadedModule, vsoc: Vsoc, index: number, wasmOffset: number): Promise<readonly CodeRow[]> {
  const source = validated.functions.find((candidate) => candidate.index === index);
  const installed = vsoc.codeMap.functions.find((candidate) => candidate.index === index);
  if (source === undefined || installed === undefined) return [];
  const { templates } = vsoc;
  const { code } = installed;
  const listed = {
    index,
    name: functionName(module, index),
    interpreted: false,
    wasm: listInstructions(module, source),
    listing: async () => {
      const { sites } = await listFunction(templates, module, source, code, symbolsOf(module, vsoc));
      return sites.map((site) => ({ ...site, fields: fieldsOfHoles(templates, site.template, site.address) }));
    },
  };
  const { rows } = await rowsOf(listed, { peek: (address, size) => code.bytes.subarray(address - code.address, address - code.address + size) });
  const at = rows.findIndex((row) => row.wasmOffset === wasmOffset);
  return rows.slice(Math.max(0, at - before), at + behind);
}
