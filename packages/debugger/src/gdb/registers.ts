import type { DebugTarget } from '@fireball/contracts';

/** A register as GDB knows it. */
export interface GdbRegister {
  readonly name: string;
  /** Of the protocol, and of the order in `g` packets. */
  readonly number: number;
  readonly bits: number;
  /** GDB's name of its type. */
  readonly type: string;
  /** Those of the target that it is made of, low bits first. */
  readonly parts: readonly string[];
  /** Attributes of its element beside name, size and type. */
  readonly attributes?: string;
}

/** A feature of a target description: GDB knows the standard ones by name (GDB manual, appendix G.5). */
export interface RegisterFeature {
  readonly name: string;
  readonly registers: readonly GdbRegister[];
}

/** All registers of a target, by GDB's features. */
export function registerFeatures(target: DebugTarget): readonly RegisterFeature[] {
  return target.architecture === 'thumb2' ? armFeatures(target) : riscvFeatures(target);
}

const armGeneral = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'sp', 'lr', 'pc'];
/** This number alone tells GDB that it is an M-profile core, whose code is Thumb. */
const xpsrNumber = 25;
const doubles = 16;

function armFeatures({ registers }: DebugTarget): RegisterFeature[] {
  const has = new Set(registers.map(({ name }) => name));
  const numbered = new Numbers(xpsrNumber + 1);
  const word = (name: string): GdbRegister => ({ name, number: numbered.next(), bits: 32, type: 'int', parts: [name] });
  const general = armGeneral.map((name, number) => ({
    name,
    number,
    bits: 32,
    type: name === 'sp' ? 'data_ptr' : name === 'pc' ? 'code_ptr' : 'int',
    parts: [name],
  }));
  const features: RegisterFeature[] = [
    {
      name: 'org.gnu.gdb.arm.m-profile',
      registers: [...general, { name: 'xpsr', number: xpsrNumber, bits: 32, type: 'int', parts: ['xpsr'], attributes: ` regnum="${xpsrNumber}"` }],
    },
  ];
  if (has.has('fpscr')) {
    const registersOfFpu = Array.from({ length: doubles }, (_, n) => ({
      name: `d${n}`,
      number: numbered.next(),
      bits: 64,
      type: 'ieee_double',
      parts: [`s${2 * n}`, `s${2 * n + 1}`],
    }));
    features.push({ name: 'org.gnu.gdb.arm.vfp', registers: [...registersOfFpu, { ...word('fpscr'), attributes: ' group="float"' }] });
  }
  const of = (name: string, names: readonly string[]): RegisterFeature => ({ name, registers: names.filter((one) => has.has(one)).map(word) });
  features.push(of('org.gnu.gdb.arm.m-system', ['msp', 'psp']), of('fireball.arm.m-system', ['primask', 'basepri', 'faultmask', 'control']));
  return features.filter(({ registers: some }) => some.length > 0);
}

const floatStatus: ReadonlySet<string> = new Set(['fflags', 'frm', 'fcsr']);
const riscvTypes: Readonly<Record<string, string>> = { sp: 'data_ptr', gp: 'data_ptr', tp: 'data_ptr', s0: 'data_ptr', ra: 'code_ptr', pc: 'code_ptr' };

function riscvFeatures({ registers }: DebugTarget): RegisterFeature[] {
  const numbered = new Numbers(0);
  const of = (name: string, wanted: (register: DebugTarget['registers'][number]) => boolean): RegisterFeature => ({
    name,
    registers: registers.filter(wanted).map((register) => ({
      name: register.name,
      number: numbered.next(),
      bits: register.bits,
      type: register.group === 'float' ? (register.bits === 64 ? 'ieee_double' : 'ieee_single') : (riscvTypes[register.name] ?? 'int'),
      parts: [register.name],
    })),
  });
  return [
    of('org.gnu.gdb.riscv.cpu', ({ group }) => group === 'general'),
    of('org.gnu.gdb.riscv.fpu', ({ group, name }) => group === 'float' || (floatStatus.has(name) && registers.some((register) => register.group === 'float'))),
    of(
      'org.gnu.gdb.riscv.csr',
      ({ group, name }) => group === 'system' && name !== 'priv' && !(floatStatus.has(name) && registers.some((register) => register.group === 'float')),
    ),
    of('org.gnu.gdb.riscv.virtual', ({ name }) => name === 'priv'),
  ].filter(({ registers: some }) => some.length > 0);
}

class Numbers {
  constructor(private at: number) {}
  next(): number {
    return this.at++;
  }
}
