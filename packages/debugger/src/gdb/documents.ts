import type { DebugRegion, DebugTarget } from '@fireball/contracts';
import type { RegisterFeature } from './registers.js';

// XML that GDB asks for (GDB manual, appendices E.16 and G).

const architectures = { thumb2: 'arm', rv32: 'riscv:rv32', rv64: 'riscv:rv64' } as const;

/** `osabi` none: with another one GDB takes it for a system with shared libraries. */
export function targetDescription({ architecture }: DebugTarget, features: readonly RegisterFeature[]): string {
  const xml = features.map(
    ({ name, registers }) =>
      `<feature name="${name}">${registers.map((register) => `<reg name="${register.name}" bitsize="${register.bits}" type="${register.type}"${register.attributes ?? ''}/>`).join('')}</feature>`,
  );
  return `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0"><architecture>${architectures[architecture]}</architecture><osabi>none</osabi>${xml.join('')}</target>`;
}

/** What is not listed GDB does not read; of what lies in several regions it wants to hear once. */
export function memoryMap(target: DebugTarget, shown: { readonly base: number; readonly size: number } | undefined): string {
  let end = 0;
  const regions: DebugRegion[] = [];
  const shownRegions: DebugRegion[] = shown === undefined ? [] : [{ name: 'interpreted code', kind: 'ram', ...shown }];
  for (const region of [...target.memoryMap(), ...shownRegions]) {
    if (region.base < end) continue;
    regions.push(region);
    end = region.base + region.size;
  }
  const xml = regions.map(
    ({ kind, base, size }) => `<memory type="${kind === 'rom' ? 'rom' : 'ram'}" start="0x${base.toString(16)}" length="0x${size.toString(16)}"/>`,
  );
  return `<?xml version="1.0"?><!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd"><memory-map>${xml.join('')}</memory-map>`;
}
