import type { UnicornModule } from '@fireball/unicorn.js';

/** What differs between the cores of Arm's M-profile. Values of ID registers are those of the core's technical reference manual. */
export interface ArmCore {
  readonly name: string;
  /** Of libunicorn. */
  readonly model: (uc: UnicornModule) => number;
  /** Has it MPU and unprivileged mode where a board says so, though the library's model does not? */
  readonly optionalProtection: boolean;
  /** 6: Armv6-M; 7: Armv7-M; 8: Armv8-M with the main extension. */
  readonly version: 6 | 7 | 8;
  readonly floats: boolean;
  readonly cpuid: number;
  /** Words from ID_PFR0 (0xE000ED40) on. */
  readonly identification: readonly number[];
  /** MVFR0 to MVFR2. */
  readonly floatFeatures: readonly number[];
  /** Configuration and Control Register: at reset, and the bits that a write changes. */
  readonly ccr: { readonly reset: number; readonly writable: number };
  /** Are there caches, whose maintenance operations firmware calls? */
  readonly caches: boolean;
  /** Are there bit-band aliases, where a board has them? */
  readonly bitBand: boolean;
}

const none = Array.from({ length: 13 }, () => 0);

const cores: readonly ArmCore[] = [
  {
    name: 'cortex-m0',
    model: (uc) => uc.CPU_ARM_CORTEX_M0,
    version: 6,
    optionalProtection: false,
    floats: false,
    cpuid: 0x410c_c200,
    identification: none,
    floatFeatures: [],
    ccr: { reset: 0x208, writable: 0 },
    caches: false,
    bitBand: false,
  },
  {
    name: 'cortex-m0plus',
    model: (uc) => uc.CPU_ARM_CORTEX_M0,
    version: 6,
    optionalProtection: true,
    floats: false,
    cpuid: 0x410c_c601,
    identification: none,
    floatFeatures: [],
    ccr: { reset: 0x208, writable: 0 },
    caches: false,
    bitBand: false,
  },
  {
    name: 'cortex-m3',
    model: (uc) => uc.CPU_ARM_CORTEX_M3,
    version: 7,
    optionalProtection: false,
    floats: false,
    cpuid: 0x412f_c231,
    identification: [0x30, 0x200, 0x0010_0000, 0, 0x30, 0, 0, 0, 0x0114_1110, 0x0211_1000, 0x2111_2231, 0x0111_1110, 0x0131_0102],
    floatFeatures: [],
    ccr: { reset: 0x200, writable: 0x31b },
    caches: false,
    bitBand: true,
  },
  {
    name: 'cortex-m4',
    model: (uc) => uc.CPU_ARM_CORTEX_M4,
    version: 7,
    optionalProtection: false,
    floats: true,
    cpuid: 0x410f_c241,
    identification: [0x30, 0x200, 0x0010_0000, 0, 0x30, 0, 0, 0, 0x0114_1110, 0x0211_2000, 0x2123_2231, 0x0111_1131, 0x0131_0102],
    floatFeatures: [0x1011_0021, 0x1100_0011, 0],
    ccr: { reset: 0x200, writable: 0x31b },
    caches: false,
    bitBand: true,
  },
  {
    name: 'cortex-m7',
    model: (uc) => uc.CPU_ARM_CORTEX_M7,
    version: 7,
    optionalProtection: false,
    floats: true,
    cpuid: 0x411f_c272,
    identification: [0x30, 0x200, 0x0010_0000, 0, 0x0010_0030, 0, 0x0100_0000, 0, 0x0110_1110, 0x0211_2000, 0x2023_2231, 0x0111_1131, 0x0131_0132],
    floatFeatures: [0x1011_0221, 0x1200_0011, 0x40],
    ccr: { reset: 0x0004_0200, writable: 0x0007_011b },
    caches: true,
    bitBand: false,
  },
  {
    name: 'cortex-m33',
    model: (uc) => uc.CPU_ARM_CORTEX_M33,
    version: 8,
    optionalProtection: false,
    floats: true,
    cpuid: 0x410f_d213,
    identification: [0x30, 0x200, 0x0020_0000, 0, 0x0010_1f40, 0, 0x0100_0000, 0, 0x0110_1110, 0x0221_2000, 0x2023_2232, 0x0111_1131, 0x0131_0132],
    floatFeatures: [0x1011_0021, 0x1100_0011, 0x40],
    ccr: { reset: 0x201, writable: 0x051a },
    caches: false,
    bitBand: false,
  },
];

/** By name; the names are those that board files use. */
export const armCores: ReadonlyMap<string, ArmCore> = new Map(cores.map((core) => [core.name, core]));
