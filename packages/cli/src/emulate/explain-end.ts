import type { Architecture } from '@fireball/contracts';
import { disassemble } from '@fireball/disasm';
import type { Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { readArmFault } from './arm-fault.js';
import { backtrace } from './backtrace.js';
import type { CaughtFault, Observer } from './observer.js';
import { describeAddress, describeCode, hex, memoryWord } from './places.js';

export interface Ended {
  readonly machine: Machine;
  readonly symbols: ProgramSymbols;
  readonly observer: Observer;
  readonly reason: string;
  readonly code: number;
  readonly detail: string | undefined;
}

/** Why firmware failed, as an expert would find it. */
export interface Explanation {
  readonly text: string;
  readonly document: FaultDocument;
}

interface FaultDocument {
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

/** What an architecture says of a fault. */
interface Finding {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly registers: Readonly<Record<string, string>>;
  readonly pc: number;
  readonly link: number;
  readonly sp: number;
  readonly address: number | undefined;
  readonly active: readonly string[];
}

const isas: Readonly<Record<Machine['processor']['architecture'], Architecture>> = { 'arm-m': 'thumb2', rv32: 'rv32', rv64: 'rv64' };

/** Undefined where nothing failed that registers tell of. */
export async function explainEnd(ended: Ended): Promise<Explanation | undefined> {
  const { machine, symbols, observer, reason, code } = ended;
  const failed = reason === 'fault' || reason === 'hang' || (reason === 'asleep' && observer.fault !== undefined);
  const isArm = machine.processor.architecture === 'arm-m';
  const inFault = isArm && [3, 4, 5, 6].includes(machine.processor.readRegister('xpsr') & 0x1ff);
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
  return (await disassemble(isa, code, pc))[0]?.text;
}

function textOf({ verdict, reasons, registers, pc, instruction, place, address, addressHolds, backtrace: frames, activeExceptions, recentExceptions, recentAccesses }: FaultDocument): string {
  const list = (title: string, items: readonly string[]): string[] => (items.length === 0 ? [] : [`  ${title}`, ...items.map((item) => `    ${item}`)]);
  const rows = Object.entries(registers);
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += 4) lines.push(rows.slice(at, at + 4).map(([name, value]) => `${name.padStart(5)} ${value}`).join('  '));
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

const frameRegisters = ['r0', 'r1', 'r2', 'r3', 'r12', 'lr', 'pc', 'xpsr'];

function armFinding({ machine, symbols, observer, detail }: Ended): Finding {
  const { processor } = machine;
  const { cfsr, hfsr, bits, address, addressRegister, active } = readArmFault(machine);
  const fault = observer.fault;
  const lockedUp = detail?.startsWith('lock-up') === true;
  const words = fault === undefined || lockedUp ? [] : frameRegisters.map((_, index) => memoryWord(machine, fault.sp + 4 * index));
  const stacked = words.length > 0 && words.every((word) => word !== undefined) ? (words) : undefined;
  const pc = stacked?.[6] ?? processor.pc;
  const link = stacked?.[5] ?? processor.readRegister('lr');
  const aligned = ((stacked?.[7] ?? 0) & 0x200) === 0 ? 0 : 4;
  const sp = stacked === undefined || fault === undefined ? currentStack(machine) : fault.sp + 32 + aligned;
  const names = bits.map(({ name }) => name);
  const overflow = stackOverflow(machine, symbols, fault?.sp ?? sp);
  const cause = overflow ?? bits.find(({ name }) => name !== 'FORCED')?.meaning ?? (fault === undefined ? detail : `${fault.name} was taken`) ?? 'it does not go on';
  const title = lockedUp ? detail : fault === undefined ? 'the firmware hangs' : `${fault.name}${names.includes('FORCED') ? ' (escalated)' : ''}`;
  const where = describeCode(symbols, pc);
  const target = address === undefined ? '' : `, at ${hex(address)}, ${describeAddress(machine, symbols, address)}`;
  const reasons = bits.map(({ name, meaning }) => `${name}: ${meaning}`);
  if (addressRegister !== undefined) reasons.push(`${addressRegister} is valid`);
  else if (cfsr !== 0) reasons.push('neither MMFAR nor BFAR is valid: no address is known');
  if (detail !== undefined && detail !== title) reasons.push(detail);
  const registers: Record<string, string> = stacked === undefined ? Object.fromEntries(processor.registerNames.map((name) => [name, hex(processor.readRegister(name))])) : Object.fromEntries(frameRegisters.map((name, index) => [name, hex(stacked[index] ?? 0)]));
  registers['sp'] = hex(sp);
  registers['cfsr'] = hex(cfsr);
  registers['hfsr'] = hex(hfsr);
  return { verdict: `${title}: ${cause}${target}${where === '' ? '' : `, in ${where}`}`, reasons, registers, pc, link, sp, address, active };
}

function currentStack({ processor }: Machine): number {
  const thread = (processor.readRegister('xpsr') & 0x1ff) === 0;
  return processor.readRegister(thread && (processor.readRegister('control') & 2) !== 0 ? 'psp' : 'msp');
}

/** Names that linker scripts give the end of the stack. */
const stackLimits = ['__StackLimit', '__stack_limit', '_sstack', '__heap_end'];

function stackOverflow(machine: Machine, symbols: ProgramSymbols, sp: number): string | undefined {
  const ram = machine.bus.memories.find(({ kind, base }) => kind === 'ram' && sp < base && base - sp < 0x1000);
  if (ram !== undefined && machine.bus.at(sp)?.kind !== 'memory') return `stack overflow: SP ${hex(sp)} is ${ram.base - sp} bytes before ${ram.name}`;
  const mapped = machine.bus.at(sp);
  for (const name of stackLimits) {
    const limit = symbols.addressOf(name);
    if (limit !== undefined && sp < limit && mapped?.kind === 'memory' && machine.bus.at(limit)?.kind === 'memory' && limit - sp < 0x1000) return `stack overflow: SP ${hex(sp)} is ${limit - sp} bytes below ${name}`;
  }
  return undefined;
}

/** mcause without the interrupt bit (privileged architecture, table 3.6). */
const causes: Readonly<Record<number, string>> = {
  0: 'a jump to an address that is not aligned',
  1: 'an instruction was fetched from where there is nothing, or none may be executed',
  2: 'the instruction is illegal',
  3: 'a breakpoint instruction without a debugger',
  4: 'the address of a load is not aligned',
  5: 'a load from where there is nothing, or that PMP forbids',
  6: 'the address of a store is not aligned',
  7: 'a store to where there is nothing, or that PMP forbids',
  8: 'a call from user mode',
  9: 'a call from supervisor mode',
  11: 'a call from machine mode',
  12: 'page fault of an instruction fetch',
  13: 'page fault of a load',
  15: 'page fault of a store',
};
/** Causes whose mtval is the address of an access. */
const addressCauses = new Set([0, 1, 4, 5, 6, 7, 12, 13, 15]);

function riscvFinding({ machine, symbols, observer, detail }: Ended): Finding {
  const { processor } = machine;
  const fault: CaughtFault | undefined = observer.fault;
  const mcause = processor.readRegister('mcause');
  const interrupt = mcause >= 2 ** 31;
  const trapped = fault !== undefined && !interrupt;
  const pc = trapped ? processor.readRegister('mepc') : processor.pc;
  const mtval = processor.readRegister('mtval');
  const address = trapped && addressCauses.has(mcause) ? mtval : undefined;
  const sp = fault !== undefined && trapped ? fault.sp : processor.readRegister('sp');
  const link = fault !== undefined && trapped ? fault.link : processor.readRegister('ra');
  const overflow = stackOverflow(machine, symbols, sp);
  const cause = overflow ?? (trapped ? causes[mcause] : undefined) ?? detail ?? 'it does not go on';
  const where = describeCode(symbols, pc);
  const target = address === undefined ? '' : `, at ${hex(address)}, ${describeAddress(machine, symbols, address)}`;
  const reasons = trapped ? [`mcause ${mcause}: ${causes[mcause] ?? 'no cause of this number is known'}`] : [];
  if (detail !== undefined && detail !== cause) reasons.push(detail);
  const registers: Record<string, string> = Object.fromEntries(processor.registerNames.map((name) => [name, hex(processor.readRegister(name))]));
  return { verdict: `${trapped ? 'trap' : 'the firmware hangs'}: ${cause}${target}${where === '' ? '' : `, in ${where}`}`, reasons, registers, pc, link, sp, address, active: [] };
}
