import { InvalidInputError, SystemError, systemReason, unknownName, UnsupportedError, UsageError, writeOutputFile, type Isa } from '@fireball/contracts';
import { readInput, socOptions, writeDescriptor, type EngineOptions } from '@fireball/engines';
import { Option } from 'commander';
import { createVsoc, Firmware, FirmwareFaultError } from '@fireball/vsoc';
import { ConsoleError, ProgramExit } from '@fireball/wasm';
import type { Report } from '../report.js';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addEngineOptions, optionGroups } from './engine-options.js';

const stdout = 1;
/** A virtual SoC executes one instruction a cycle, by definition, at this frequency. */
const virtualHertz = 100_000_000;

/** Machines that firmware runs on, by name. */
const machines: Readonly<Record<string, Isa>> = { 'vsoc-thumb2': 'thumb2', 'vsoc-rv32': 'rv32' };

interface EmulateOptions extends EngineOptions {
  readonly machine: string;
  readonly report?: string;
  readonly json?: true;
}

/** How the firmware ended. */
interface Exit {
  readonly reason: 'returned' | 'fault' | 'out of fuel' | 'console closed';
  /** Exit status of the command. */
  readonly code: number;
}

export const registerEmulate: CommandRegistration = (program, run) => {
  const command = program
    .command('emulate')
    .description('run firmware on an emulated machine; its console is stdout, its exit status the command\'s')
    .argument('<image>', 'ELF file; - reads it from standard input')
    .requiredOption('--machine <name>', `one of ${Object.keys(machines).join(', ')}: a virtual SoC, whose system calls are in vsoc/SYSCALLS.md`)
    .option('--report <file>', 'JSON file for a summary');
  addEngineOptions(command, new Option('--fuel <instructions>', 'most instructions that the emulated core executes').argParser(wholeNumber(1)).default(100_000_000_000).helpGroup(optionGroups.limits));
  run(command, (_context, image: string, options: EmulateOptions) => {
    const isa = machines[options.machine];
    if (isa === undefined) throw unknownName('machine', options.machine, Object.keys(machines));
    if (options.sandbox === true) throw new UsageError('--sandbox watches compiled code only, and this machine also interprets');
    return emulate(image, isa, options);
  });
};

function emulate(image: string, isa: Isa, options: EmulateOptions): Report {
  const kept: Uint8Array[] = [];
  const vsoc = createVsoc({ ...socOptions({ isa, tier: 'mixed' }, options), fuel: options.fuel });
  const start = performance.now();
  try {
    const firmware = withFile(image, () => new Firmware(vsoc, readInput(image), {
      console(bytes) {
        if (options.json) kept.push(bytes.slice());
        else writeConsole(bytes);
      },
    }));
    const { exit, failure } = runToEnd(firmware);
    const seconds = (performance.now() - start) / 1000;
    const instructions = vsoc.calls.lastCounts.instructions;
    const document = {
      machine: options.machine,
      exit,
      instructions,
      virtualSeconds: vsoc.execution.now / virtualHertz,
      seconds,
      mips: instructions / seconds / 1e6,
    };
    if (options.report !== undefined) writeOutputFile(options.report, `${JSON.stringify(document, null, 2)}\n`);
    return {
      exitStatus: exit.code,
      document: { ...document, console: Buffer.concat(kept).toString('utf8') },
      text: '',
      ...(failure === undefined ? {} : { failure: `${image}: ${failure}` }),
    };
  } finally {
    vsoc.close();
  }
}

function runToEnd(firmware: Firmware): { readonly exit: Exit; readonly failure?: string } {
  try {
    const { status } = firmware.run();
    if (status === undefined) return { exit: { reason: 'out of fuel', code: 1 }, failure: 'out of fuel (--fuel)' };
    return { exit: { reason: 'returned', code: status & 0xff } };
  } catch (error) {
    // Nobody reads its console any more.
    if (error instanceof ProgramExit) return { exit: { reason: 'console closed', code: error.code } };
    if (!(error instanceof FirmwareFaultError)) throw error;
    return { exit: { reason: 'fault', code: error.exitStatus }, failure: error.message };
  }
}

/** @throws SystemError where standard output takes no more: firmware gets no answer that says so */
function writeConsole(bytes: Uint8Array): void {
  try {
    writeDescriptor(stdout, bytes);
  } catch (error) {
    throw error instanceof ConsoleError ? new SystemError(`cannot write to standard output: ${systemReason(error.cause)}`, { cause: error }) : error;
  }
}

function withFile<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw (error instanceof InvalidInputError || error instanceof UnsupportedError) && error.facts.file === undefined ? error.inFile(file) : error;
  }
}
