import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

/**
 * One of SIO's two interpolators (data sheet, 2.3.1.6): two accumulators, shifted, masked and sign-extended, added to bases. `blends`: the first
 * one can blend, the second one clamp.
 */
export function interpolatorRegisters(number: 0 | 1, offset: number, block: () => RegisterBlock): readonly RegisterDescription[] {
  const name = (register: string): string => `INTERP${number}_${register}`;
  const get = (register: string): number => block().get(name(register));
  const set = (register: string, value: number): void => {
    block().set(name(register), value >>> 0);
  };
  const control = (lane: 0 | 1): number => get(`CTRL_LANE${lane}`);
  const bit = (lane: 0 | 1, position: number): boolean => ((control(lane) >>> position) & 1) === 1;
  const blends = (): boolean => number === 0 && bit(0, 21);
  const clamps = (): boolean => number === 1 && bit(0, 22);

  /** Shifted and masked; signed where the lane says so. OVERF of lane 0 tells of bits above the mask. */
  function masked(lane: 0 | 1): { readonly value: number; readonly overflows: boolean } {
    const input = get(`ACCUM${bit(lane, 16) ? 1 - lane : lane}`);
    const shifted = input >>> (control(lane) & 0x1f);
    const low = (control(lane) >>> 5) & 0x1f;
    const high = (control(lane) >>> 10) & 0x1f;
    const upTo = (2 ** (high + 1) - 1) >>> 0;
    const mask = high < low ? 0 : (upTo & ~(2 ** low - 1)) >>> 0;
    const value = (shifted & mask) >>> 0;
    const negative = bit(lane, 15) && high < 31 && ((value >>> high) & 1) === 1;
    return { value: negative ? (value | ~upTo) >>> 0 : value, overflows: (shifted & ~upTo) >>> 0 !== 0 };
  }

  function results(): readonly [number, number, number] {
    const lanes = [masked(0), masked(1)] as const;
    const addend = (lane: 0 | 1): number => (bit(lane, 18) ? get(`ACCUM${bit(lane, 16) ? 1 - lane : lane}`) : lanes[lane].value);
    const forced = (lane: 0 | 1): number => ((control(lane) >>> 19) & 3) << 28;
    const sum = (lane: 0 | 1): number => (get(`BASE${lane}`) + addend(lane)) >>> 0;
    const full = (get('BASE2') + lanes[0].value + lanes[1].value) >>> 0;
    if (blends()) {
      const alpha = lanes[1].value & 0xff;
      const signed = bit(1, 15);
      const [from, to] = signed ? [get('BASE0') | 0, get('BASE1') | 0] : [get('BASE0'), get('BASE1')];
      const blended = from + Math.floor(((to - from) * alpha) / 256);
      return [alpha, blended >>> 0, (get('BASE2') + lanes[0].value) >>> 0];
    }
    if (clamps()) {
      const signed = bit(0, 15);
      const order = (value: number): number => (signed ? value | 0 : value);
      const value = order(lanes[0].value);
      const clamped = value < order(get('BASE0')) ? get('BASE0') : value > order(get('BASE1')) ? get('BASE1') : lanes[0].value;
      return [(clamped | forced(0)) >>> 0, (sum(1) | forced(1)) >>> 0, full];
    }
    return [(sum(0) | forced(0)) >>> 0, (sum(1) | forced(1)) >>> 0, full];
  }

  /** A POP writes the results back to the accumulators, crossed where CROSS_RESULT says so. */
  function pop(lane: 0 | 1 | 2): number {
    const now = results();
    for (const target of [0, 1] as const) {
      const from = bit(target, 17) ? ((1 - target) as 0 | 1) : target;
      set(`ACCUM${target}`, now[from]);
    }
    return now[lane];
  }

  const lanes = [0, 1] as const;
  return [
    ...lanes.map((lane): RegisterDescription => ({ name: name(`ACCUM${lane}`), offset: offset + lane * 4 })),
    ...([0, 1, 2] as const).map((base): RegisterDescription => ({ name: name(`BASE${base}`), offset: offset + 0x8 + base * 4 })),
    ...(['LANE0', 'LANE1', 'FULL'] as const).flatMap((lane, index): RegisterDescription[] => [
      { name: name(`POP_${lane}`), offset: offset + 0x14 + index * 4, access: 'ro', read: () => pop(index as 0 | 1 | 2) },
      { name: name(`PEEK_${lane}`), offset: offset + 0x20 + index * 4, access: 'ro', steady: true, read: () => results()[index] ?? 0 },
    ]),
    ...lanes.map((lane): RegisterDescription => ({
      name: name(`CTRL_LANE${lane}`),
      offset: offset + 0x2c + lane * 4,
      writable: lane === 1 ? 0x1f_ffff : number === 0 ? 0x3f_ffff : 0x5f_ffff,
      read: (stored) => {
        if (lane === 1) return stored;
        const overflows = lanes.map((one) => masked(one).overflows);
        return stored | (overflows[0] === true ? 1 << 23 : 0) | (overflows[1] === true ? 1 << 24 : 0) | (overflows.includes(true) ? 1 << 25 : 0);
      },
    })),
    ...lanes.map((lane): RegisterDescription => ({
      name: name(`ACCUM${lane}_ADD`),
      offset: offset + 0x34 + lane * 4,
      writable: 0,
      steady: true,
      read: () => masked(lane).value & 0xff_ffff,
      write: (_stored, _before, written) => {
        set(`ACCUM${lane}`, get(`ACCUM${lane}`) + (written & 0xff_ffff));
      },
    })),
    {
      name: name('BASE_1AND0'),
      offset: offset + 0x3c,
      access: 'wo',
      write: (_stored, _before, written) => {
        const half = (value: number, signed: boolean): number => (signed ? (value << 16) >> 16 : value & 0xffff);
        const signedBlend = blends() && bit(1, 15);
        set('BASE0', half(written, blends() ? signedBlend : bit(0, 15)));
        set('BASE1', half(written >>> 16, blends() ? signedBlend : bit(1, 15)));
      },
    },
  ];
}
