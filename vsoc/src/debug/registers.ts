import type { DebugRegister, Isa } from '@fireball/contracts';

/** By their numbers. */
const generalNames = {
  thumb2: [...Array.from({ length: 13 }, (_, n) => `r${n}`), 'sp', 'lr', 'pc'],
  rv32: 'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 pc'.split(' '),
} as const satisfies Record<Isa, readonly string[]>;
/** Flags, and modes of the floating-point unit. */
const systemNames = { thumb2: { always: ['xpsr'], float: ['fpscr'] }, rv32: { always: [], float: ['fcsr'] } } as const satisfies Record<Isa, unknown>;
const floatRegister = { thumb2: 's', rv32: 'f' } as const satisfies Record<Isa, string>;

/** Of a core of the virtual SoC: the general ones first, in the order of their numbers. */
export function registersOf(isa: Isa, features: ReadonlySet<string>): DebugRegister[] {
  const doubles = features.has('d');
  const floats = doubles || features.has('f') || features.has('fpv4');
  return [
    ...generalNames[isa].map((name) => ({ name, bits: 32 as const, group: 'general' as const })),
    ...(floats
      ? Array.from({ length: 32 }, (_, n) => ({
          name: `${floatRegister[isa]}${n}`,
          bits: isa === 'rv32' && doubles ? (64 as const) : (32 as const),
          group: 'float' as const,
        }))
      : []),
    ...[...systemNames[isa].always, ...(floats ? systemNames[isa].float : [])].map((name) => ({ name, bits: 32 as const, group: 'system' as const })),
  ];
}
