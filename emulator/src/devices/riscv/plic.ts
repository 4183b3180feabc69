import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import type { RegisterDescription } from '../../machine/register-block.js';
import type { Signal } from '../../machine/signal.js';

/** Memory map (RISC-V PLIC specification 1.0, chapter 3). */
const pendingOffset = 0x1000;
const enableOffset = 0x2000;
const enableStride = 0x80;
const contextOffset = 0x20_0000;
const contextStride = 0x1000;
/** Sources that registers have room for; 0 is none. */
const mostSources = 1024;

interface PlicState {
  /** By source: wired level, pending, and between claim and completion. */
  readonly level: Uint8Array;
  readonly pending: Uint8Array;
  readonly claimed: Uint8Array;
}

/** Platform-level interrupt controller, with level-triggered gateways. */
export const plic: DeviceClass = {
  name: 'plic',
  summary: 'platform-level interrupt controller of one hart (RISC-V PLIC specification 1.0)',
  size: 0x60_0000,
  interrupts: ['meip', 'seip'],
  parameters: {
    sources: { type: 'number', default: 95, summary: 'interrupt sources, without 0' },
    priorities: { type: 'number', default: 7, summary: 'the highest priority' },
    supervisor: { type: 'number', default: 1, summary: '1: context 1 is the hart in supervisor mode; 0: there is only context 0' },
  },
  deviceTree: { node: 'interrupt-controller', compatible: ['sifive,plic-1.0.0', 'riscv,plic0'] },
  create(environment) {
    const sources = Math.min(environment.number('sources'), mostSources - 1);
    const outputs = environment.number('supervisor') === 0 ? [environment.interrupt('meip')] : [environment.interrupt('meip'), environment.interrupt('seip')];
    const state: PlicState = { level: new Uint8Array(sources + 1), pending: new Uint8Array(sources + 1), claimed: new Uint8Array(sources + 1) };
    const block = new RegisterBlock({
      warn: environment.warn,
      registers: registers(),
      extra: state,
      reset: () => {
        state.pending.fill(0);
        state.claimed.fill(0);
        // Wires that are high ask at once.
        for (let source = 1; source <= sources; source++) state.pending[source] = state.level[source] ?? 0;
        update();
      },
    });

    const enabled = (context: number, source: number): boolean => ((block.get(`enable${context}_${source >> 5}`) >>> (source & 31)) & 1) === 1;

    /** The pending and enabled source of the highest priority above `above`, the lowest number among equals; 0: none (chapter 6). */
    const best = (context: number, above: number): number => {
      let found = 0;
      let priority = above;
      for (let source = 1; source <= sources; source++) {
        if (state.pending[source] !== 1 || !enabled(context, source)) continue;
        const own = block.get(`priority${source}`);
        if (own > priority) {
          found = source;
          priority = own;
        }
      }
      return found;
    };

    const update = (): void => {
      outputs.forEach((output, context) => {
        output.set(best(context, block.get(`threshold${context}`)) !== 0);
      });
    };

    /** The gateway passes on one request at a time, until it is completed. */
    const onLevel = (source: number, level: boolean): void => {
      state.level[source] = level ? 1 : 0;
      if (level && state.claimed[source] === 0) state.pending[source] = 1;
      update();
    };

    for (let source = 1; source <= sources; source++) {
      const line: Signal = environment.interruptLine(source);
      line.onChange((level) => {
        onLevel(source, level);
      });
    }

    /** Claims do not look at the threshold (chapter 8). */
    function claim(context: number): number {
      const source = best(context, 0);
      if (source !== 0) {
        state.pending[source] = 0;
        state.claimed[source] = 1;
        update();
      }
      return source;
    }

    /** One that the context has not enabled is ignored (chapter 9). */
    function complete(context: number, source: number): void {
      if (source < 1 || source > sources || !enabled(context, source)) return;
      state.claimed[source] = 0;
      if (state.level[source] === 1) state.pending[source] = 1;
      update();
    }

    function registers(): RegisterDescription[] {
      const words = (sources >> 5) + 1;
      const changed = (): void => {
        update();
      };
      const highest = 2 ** Math.ceil(Math.log2(environment.number('priorities') + 1)) - 1;
      const list: RegisterDescription[] = [
        { name: 'priority', offset: 0, count: sources + 1, writable: highest, write: changed },
        { name: 'pending', offset: pendingOffset, count: words, access: 'ro', steady: true, read: (_, word) => bits(state.pending, word) },
      ];
      outputs.forEach((_, context) => {
        list.push(
          ...Array.from({ length: words }, (_word, word): RegisterDescription => ({
            name: `enable${context}_${word}`,
            offset: enableOffset + context * enableStride + 4 * word,
            writable: existing(sources, word),
            write: changed,
          })),
          { name: `threshold${context}`, offset: contextOffset + context * contextStride, writable: highest, write: changed },
          {
            name: `claim${context}`,
            offset: contextOffset + context * contextStride + 4,
            read: () => claim(context),
            write: (_stored, _before, written) => {
              complete(context, written);
            },
          },
        );
      });
      return list;
    }

    return block;
  },
};

/** Flags of 32 sources as a word. */
function bits(flags: Uint8Array, word: number): number {
  let value = 0;
  for (let bit = 0; bit < 32; bit++) value |= (flags[32 * word + bit] ?? 0) << bit;
  return value >>> 0;
}

/** The bits of a word that stand for sources; source 0 does not exist. */
function existing(sources: number, word: number): number {
  let value = 0;
  for (let bit = 0; bit < 32; bit++) if (32 * word + bit >= 1 && 32 * word + bit <= sources) value |= 1 << bit;
  return value >>> 0;
}
