import type { Architecture } from '@fireball/contracts';
import type { Machine } from '@fireball/emulator';
import { describeAddress, describeCode, hex } from '../places.js';
import { armFinding } from './arm-finding.js';
import { backtrace } from './backtrace.js';
import type { Ended } from './finding.js';
import { isInFault, riscvFinding } from './riscv-finding.js';

/** Why firmware failed, as an expert would find it. */
export interface Explanation {
  readonly text: string;
  readonly document: FaultDocument;
}

/** The same as data. */
export interface FaultDocument {
  /** One sentence. */
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly registers: Readonly<Record<string, string>>;
  readonly pc: string;
  readonly instruction: string | undefined;
  readonly place: string;
  readonly address: string | undefined;
  readonly addressHolds: string | undefined;
  readonly backtrace: readonly string[];
  readonly activeExceptions: readonly string[];
  readonly recentExceptions: readonly string[];
  readonly recentAccesses: readonly string[];
}

const isas: Readonly<Record<Machine['processor']['architecture'], Architecture>> = { 'arm-m': 'thumb2', rv32: 'rv32', rv64: 'rv64' };

/** Undefined where nothing failed that registers tell of. */
export async function explainEnd(ended: Ended): Promise<Explanation | undefined> {
  const { machine, symbols, observer, reason, code } = ended;
  const failed = reason === 'fault' || reason === 'hang' || (reason === 'asleep' && observer.fault !== undefined);
  const isArm = machine.processor.architecture === 'arm-m';
  const inFault = isArm ? [3, 4, 5, 6].includes(machine.processor.readRegister('xpsr') & 0x1ff) : isInFault(ended);
  if (!failed && !(code !== 0 && (reason === 'exit' || reason === 'power-off') && inFault)) return undefined;
  const finding = isArm ? armFinding(ended) : riscvFinding(ended);
  const { pc, address } = finding;
  const instruction = await instructionAt(machine, pc);
  const place = describeCode(symbols, pc);
  const frames = backtrace(machine, symbols, finding).map((at) => `${hex(at)}  ${describeCode(symbols, at)}`.trimEnd());
  const document: FaultDocument = {
    verdict: finding.verdict,
    reasons: finding.reasons,
    registers: finding.registers,
    pc: hex(pc),
    instruction,
    place,
    address: address === undefined ? undefined : hex(address),
    addressHolds: address === undefined ? undefined : describeAddress(machine, symbols, address),
    backtrace: frames,
    activeExceptions: finding.active,
    recentExceptions: observer.exceptions.list().map((happening) => observer.format(happening).trim()),
    recentAccesses: observer.accesses.list().map((happening) => observer.format(happening).trim()),
  };
  return { text: textOf(document), document };
}

async function instructionAt(machine: Machine, pc: number): Promise<string | undefined> {
  const place = machine.bus.at(pc);
  if (place?.kind !== 'memory') return undefined;
  const { region, offset } = place;
  const code = region.bytes.slice(offset, offset + 4);
  const isa = isas[machine.processor.architecture];
  const { disassemble } = await import('@fireball/disasm');
  return (await disassemble(isa, code, pc))[0]?.text;
}

function textOf({
  verdict,
  reasons,
  registers,
  pc,
  instruction,
  place,
  address,
  addressHolds,
  backtrace: frames,
  activeExceptions,
  recentExceptions,
  recentAccesses,
}: FaultDocument): string {
  const list = (title: string, items: readonly string[]): string[] => (items.length === 0 ? [] : [`  ${title}`, ...items.map((item) => `    ${item}`)]);
  const rows = Object.entries(registers);
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += 4)
    lines.push(
      rows
        .slice(at, at + 4)
        .map(([name, value]) => `${name.padStart(5)} ${value}`)
        .join('  '),
    );
  return [
    verdict,
    `  at ${pc}${instruction === undefined ? '' : `  ${instruction}`}${place === '' ? '' : `   ${place}`}`,
    ...(address === undefined ? [] : [`  address ${address}: ${addressHolds ?? ''}`]),
    ...list('because', reasons),
    ...list('registers', lines),
    ...list('backtrace', frames),
    ...list('active exceptions', activeExceptions),
    ...list('last exceptions (cycle, name, where)', recentExceptions),
    ...list('last accesses to devices', recentAccesses),
  ].join('\n');
}
