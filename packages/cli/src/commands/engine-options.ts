import { answerKinds, checkCpus, verifyLevels } from '@fireball/engines';
import type { CompilerName, MisalignedAccess } from '@fireball/jit';
import { UsageError } from '@fireball/contracts';
import { defaultMixedOptions, failureKinds, parseInjection, type SharedTime, type WorkerKind, type WorkerPlacement } from '@fireball/vsoc';
import { Option, type Command } from 'commander';
import { pagesOfBytes, wholeNumber } from './command.js';

/** Headings in --help, in this order behind a command's own options. */
export const optionGroups = { code: 'Native code:', limits: 'Limits:', mixed: 'Mixed mode:' } as const;

/** Where the templates of native engines come from. */
export function templatesOption(): Option {
  return new Option('--templates <folder>', 'folder with thumb2.json and rv32.json for the native engines; default: the built-in sets').helpGroup(
    optionGroups.code,
  );
}

/** The cores of the native engines. */
export function cpuOption(): Option {
  return new Option('--cpu <names>', 'cores of the native engines, at most one per instruction set; default: cortex-m4,rv32imc')
    .argParser(checkCpus)
    .helpGroup(optionGroups.code);
}

/** How native code is verified. */
export function verifyOption(): Option {
  return new Option('--verify <level>', 'of native code: structural, or deep, which proves every memory access, call and exit again')
    .choices(verifyLevels)
    .default('structural')
    .helpGroup(optionGroups.code);
}

/** Whether native code is watched. */
export function sandboxOption(): Option {
  return new Option(
    '--sandbox',
    'check every memory access of compiled code while it runs: own linear memory, globals, tables and frame; in mixed mode, of the compiler on the device; slow',
  )
    .default(false)
    .helpGroup(optionGroups.code);
}

/** Whether native code looks if it shall yield. */
function safepointsOption(): Option {
  return new Option(
    '--safepoints',
    'native code, and the interpreter in ROM, look at loops and calls whether they shall yield, and are made to do so regularly',
  )
    .default(false)
    .helpGroup(optionGroups.code);
}

/** What stands in for imports. */
export function importsOption(): Option {
  return new Option('--imports <choice>', `how imports answer that are not WASI: ${answerKinds.join(', ')}, or a JSON file that says so (docs/imports.md)`);
}

/** What native code does about misaligned accesses. */
export function misalignedOption(): Option {
  return new Option('--misaligned <how>', 'of rv32: hw, the core carries out misaligned accesses of wasm memory; split, it traps, code then accesses bytes')
    .choices(['hw', 'split'] satisfies MisalignedAccess[])
    .default('hw')
    .helpGroup(optionGroups.code);
}

/** What compiles functions. */
export function compilerOption(): Option {
  return new Option(
    '--compiler <which>',
    'optimizing; or baseline, which makes larger and slower code from one walk over a function, several times as fast and in a fraction of the memory',
  )
    .choices(['optimizing', 'baseline'] satisfies CompilerName[])
    .default('optimizing')
    .helpGroup(optionGroups.code);
}

/** When and under which constraints functions become native in mixed mode. */
export function addMixedOptions(command: Command): Command {
  const { callThreshold, loopThreshold, budget, workers, workerMemory, sharedTime } = defaultMixedOptions;
  const options = [
    new Option('--hot <calls,loops>', `calls of a function, and rounds of a loop, before it is compiled; default: ${callThreshold},${loopThreshold}`).argParser(
      hotCounts,
    ),
    new Option('--budget <bytes>', `packed templates and native code together; default: ${budget}`).argParser(wholeNumber(1)),
    new Option('--workers <count>', `functions that are compiled at the same time, 1 or 2; default: ${workers}`).argParser(workerCount),
    new Option(
      '--worker <kind>',
      'what compiles: device, the compiler as native code on a CPU of its own, whose instructions count; host, at a price by bytes; default: device',
    ).choices(['device', 'host'] satisfies WorkerKind[]),
    new Option('--worker-memory <size>', `of the compiler on the device, whole pages of 64K; default: ${workerMemory / 1024}K`).argParser(pagesOfBytes),
    new Option('--worker-core <core>', "where it runs: shared, the program's own core, in slices; own, beside it; default: shared").choices([
      'shared',
      'own',
    ] satisfies WorkerPlacement[]),
    new Option(
      '--worker-share <percent,slice>',
      `of a shared core's time, while there is work, and instructions of a slice; default: ${sharedTime.share},${sharedTime.slice}`,
    ).argParser(sharedTimeOf),
    new Option(
      '--compile-cost <instructions>',
      'a price for each byte of a function instead: the host compiles, and the code is there so much later; default: what a device executes',
    ).argParser(wholeNumber(0)),
    new Option('--audit <instructions>', 'compare checksums of all native code every so many instructions; default: never').argParser(wholeNumber(1)),
    new Option('--inject <failures>', `failures to bring about, KIND[:COUNT],..; default: none; kinds: ${failureKinds.join(', ')}`).argParser(parseInjection),
  ];
  for (const option of options) command.addOption(option.helpGroup(optionGroups.mixed));
  return command;
}

function hotCounts(text: string): [number, number] {
  const [calls, loops, ...more] = text.split(',').map((part) => (/^[0-9]{1,9}$/.test(part.trim()) ? Number(part) : -1));
  if (calls === undefined || loops === undefined || calls < 0 || loops < 0 || more.length > 0) {
    throw new UsageError(`--hot wants two numbers, calls and rounds of a loop, such as 64,128, not '${text}'`);
  }
  return [calls, loops];
}

function sharedTimeOf(text: string): SharedTime {
  const [share, slice, ...more] = text.split(',').map((part) => (/^[0-9]{1,9}$/.test(part.trim()) ? Number(part) : 0));
  if (share === undefined || slice === undefined || share < 1 || share > 100 || slice < 1 || more.length > 0) {
    throw new UsageError(`--worker-share wants percent from 1 to 100, and instructions of a slice, such as 75,2000, not '${text}'`);
  }
  return { share, slice };
}

function workerCount(text: string): 1 | 2 {
  if (text !== '1' && text !== '2') throw new UsageError(`--workers is 1 or 2, not '${text}'`);
  return text === '1' ? 1 : 2;
}

/** How long a call may run. */
export function fuelOption(instructions = 1_000_000_000): Option {
  return new Option(
    '--fuel <instructions>',
    'most wasm instructions of one call in the reference interpreter. Other engines do not count these: where the reference ran first, they are limited by what the call took there; by itself an emulated core ends after 100 times as many instructions of its own, V8 after 10 s and 50 ns for each',
  )
    .argParser(wholeNumber(1))
    .default(instructions)
    .helpGroup(optionGroups.limits);
}

/** How native code is made and run. */
export function addCodeOptions(command: Command): Command {
  return command
    .addOption(templatesOption())
    .addOption(cpuOption())
    .addOption(verifyOption())
    .addOption(sandboxOption())
    .addOption(safepointsOption())
    .addOption(misalignedOption())
    .addOption(compilerOption());
}

/** Options of every command that runs modules. */
export function addEngineOptions(command: Command, fuel: Option = fuelOption()): Command {
  addCodeOptions(command)
    .addOption(fuel)
    .addOption(
      new Option('--max-pages <pages>', 'to which any memory may grow, the same in all engines; a module always gets the minimum that it declares')
        .argParser(wholeNumber(1))
        .default(1024)
        .helpGroup(optionGroups.limits),
    )
    .addOption(
      new Option('--code-memory <size>', 'most code memory of native engines, such as 256K; default: as much as the code needs')
        .argParser(pagesOfBytes)
        .helpGroup(optionGroups.limits),
    );
  return addMixedOptions(command);
}
