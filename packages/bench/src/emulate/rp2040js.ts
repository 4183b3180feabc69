import { createRequire } from 'node:module';
import { InternalError } from '@fireball/contracts';
import { loadImage, type BenchImage } from './images.js';
import type { Timed } from './timed.js';

/** What is used of the package rp2040js, a development dependency. */
interface Rp2040js {
  readonly Simulator: new () => {
    readonly clock: { tick(nanoseconds: number): void };
    readonly rp2040: {
      readonly flash: Uint8Array;
      readonly core: { SP: number; PC: number; readonly registers: Uint32Array; executeInstruction(): number };
      readUint32(address: number): number;
      writeUint32(address: number, value: number): void;
      onBreak: (code: number) => void;
    };
  };
}

const flashBase = 0x1000_0000;
const vtor = 0xe000_ed08;
/** Of the CPU, as rp2040js's own simulator has it. */
const cycleNanoseconds = 8;

/** Instructions and seconds of an image of the RP2040 in rp2040js, driven as its own simulator drives it. Undefined where it is not installed. */
export function runRp2040js(image: BenchImage): Timed | undefined {
  const rp2040js = image.core === 'cortex-m0plus' ? findRp2040js() : undefined;
  if (rp2040js === undefined) return undefined;
  const { rp2040, clock } = new rp2040js.Simulator();
  for (const { address, data } of loadImage(image).segments) if (data.length > 0) rp2040.flash.set(data, address - flashBase);
  // Its boot ROM is not part of the package: what that would do.
  rp2040.writeUint32(vtor, flashBase);
  rp2040.core.SP = rp2040.readUint32(flashBase);
  rp2040.core.PC = rp2040.readUint32(flashBase + 4) & ~1;
  const end = { reached: false };
  rp2040.onBreak = () => {
    end.reached = true;
  };
  let instructions = 0;
  const start = performance.now();
  for (; !end.reached; instructions++) clock.tick(rp2040.core.executeInstruction() * cycleNanoseconds);
  const seconds = (performance.now() - start) / 1000;
  const status = rp2040.readUint32((rp2040.core.registers[1] ?? 0) + 4);
  if (status !== 0) throw new InternalError(`${image.program} ends with ${status} in rp2040js`);
  return { instructions, seconds };
}

function findRp2040js(): Rp2040js | undefined {
  const load = createRequire(import.meta.url);
  try {
    load.resolve('rp2040js');
  } catch {
    return undefined;
  }
  return load('rp2040js') as Rp2040js;
}
