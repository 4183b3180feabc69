import { InternalError, type Isa } from '@fireball/contracts';
import type { Kernel } from '@fireball/kernels';
import { createVsoc } from '@fireball/vsoc';
import { mips } from '../emulate/timed.js';
import { captureCall, type BareCall, type CallStart } from './bare-call.js';

/** Millions of instructions a second that an emulated CPU executes of a kernel's code, in warm calls. */
export interface CpuRow {
  readonly name: string;
  readonly target: Isa;
  readonly instructions: number;
  readonly mips: number;
  /** libunicorn alone, without a hook, on the same call; undefined: not measured. */
  readonly bare: number | undefined;
}

/** Instructions of a call that never stops in between. */
const endless = 0x7fff_ffff;
/** Calls of one, then as many of the other, and so on: whatever else the computer does for a while, or how fast it is, meets both. */
const mostTurns = 10;
/** A turn of short calls goes on for so long: by then Node has compiled what is around them, which its threads do on the same core at first. */
const leastMilliseconds = 30;

/**
 * @param passes calls at least, of which the fastest counts
 * @param bare undefined: only ours is measured
 * @throws InternalError where a result is wrong
 */
export function measureCpu({ name, loaded, checksum }: Kernel, isa: Isa, passes: number, bare: BareCall | undefined): CpuRow {
  const vsoc = createVsoc({ isa, slice: endless });
  try {
    const { cpu, map, store, exitAddress } = vsoc;
    const instance = vsoc.instantiate(loaded.validated);
    instance.invoke('run', []);
    const places = [
      { ...map.rom, isCode: true },
      { ...map.code, isCode: true },
      { base: map.lowData.base, size: map.resultBuffer.base - map.lowData.base, isCode: false },
      { ...map.resultBuffer, isCode: false },
      { ...map.highData, isCode: false },
      ...store.memories.map(({ base, byteLength }) => ({ base, size: byteLength, isCode: false })),
    ];
    const run = cpu.run.bind(cpu);
    let seconds = Infinity;
    let instructions = 0;
    let start: CallStart | undefined;
    cpu.run = (pc, budget) => {
      start ??= bare === undefined ? undefined : captureCall(cpu, pc, exitAddress, places);
      const began = performance.now();
      const result = run(pc, budget);
      seconds = Math.min(seconds, (performance.now() - began) / 1000);
      instructions = result.executed;
      return result;
    };
    let bareSeconds = Infinity;
    const turns = Math.min(passes, mostTurns);
    const passesOfTurn = Math.ceil(passes / turns);
    for (let turn = 0; turn < turns; turn++) {
      const began = performance.now();
      let pass = 0;
      for (; pass < passesOfTurn || performance.now() - began < leastMilliseconds; pass++) {
        const [result] = instance.invoke('run', []).results;
        if (result?.type !== 'i32' || result.value >>> 0 !== checksum) throw new InternalError(`${name} on ${isa}: wrong result`);
      }
      if (bare !== undefined && start !== undefined) bareSeconds = Math.min(bareSeconds, bare.seconds(start, pass, checksum));
    }
    return { name, target: isa, instructions, mips: mips(instructions, seconds), bare: bare === undefined ? undefined : mips(instructions, bareSeconds) };
  } finally {
    vsoc.close();
  }
}
