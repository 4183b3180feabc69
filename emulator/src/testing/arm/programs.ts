import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Machine code of the test programs `programs/NAME.s`, in hex; written by `assemble.mjs`. */
const assembled = JSON.parse(readFileSync(fileURLToPath(new URL('programs.json', import.meta.url)), 'utf8')) as Record<string, string>;

/** The machine code of a test program, linked at address 0. */
export function program(name: string): Uint8Array {
  const hex = assembled[name];
  if (hex === undefined) throw new RangeError(`no test program is called ${name}`);
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
