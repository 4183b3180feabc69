import { formatCount, type Isa } from '@fireball/contracts';
import type { TemplateSet } from '@fireball/jit';
import { compileOffline, DeviceExpander, packedSet, totalCost, type ExpanderSizes } from '@fireball/vsoc';
import { InstructionReader, type ValidatedModule } from '@fireball/wasm';

/** A module whose functions are compiled on the device. */
export interface DeviceInput {
  readonly name: string;
  readonly module: ValidatedModule;
  /** Every how manieth function is taken. */
  readonly step: number;
}

/** Sums over a module's functions; guest instructions are exact. */
export interface DeviceRow {
  readonly name: string;
  readonly target: Isa;
  readonly functions: number;
  readonly wasmBytes: number;
  readonly wasmInstructions: number;
  readonly placedTemplates: number;
  readonly codeBytes: number;
  readonly streamBytes: number;
  /** Guest instructions. */
  readonly layout: number;
  readonly patch: number;
  readonly crc: number;
  /** Of the function that needs most. */
  readonly workBytes: number;
  /** Guest instructions of all three where templates are data. */
  readonly fromData: number;
}

/** What the device keeps and needs, in bytes; `load` in guest instructions. */
export interface DeviceFacts extends ExpanderSizes {
  readonly target: Isa;
  readonly load: number;
  readonly stack: number;
  /** The same where templates are data. */
  readonly fromData: ExpanderSizes & { readonly load: number; readonly stack: number };
  /** What the set packs into: what a budget of templates and code counts. */
  readonly packedTemplates: number;
}

/** What compiling on the device takes. */
export interface DeviceMeasurements {
  readonly rows: readonly DeviceRow[];
  readonly facts: DeviceFacts;
}

/**
 * Compiles every wanted function on the device.
 * @throws InternalError where the device's code is not the host's
 */
export function measureDevice(templates: TemplateSet, inputs: readonly DeviceInput[], progress: (text: string) => void): DeviceMeasurements {
  const packed = packedSet(templates);
  const device = new DeviceExpander(templates);
  const fromData = new DeviceExpander(templates, undefined, packed);
  const target = templates.isa;
  try {
    const rows = inputs.map(({ name, module, step }): DeviceRow => {
      progress(`${name} on ${target}`);
      const sums = {
        functions: 0,
        wasmBytes: 0,
        wasmInstructions: 0,
        placedTemplates: 0,
        codeBytes: 0,
        streamBytes: 0,
        layout: 0,
        patch: 0,
        crc: 0,
        workBytes: 0,
        fromData: 0,
      };
      for (const { source, code } of compileOffline(module, templates, (_, position) => position % step === 0)) {
        const { cost, workBytes } = device.expandSame(code);
        sums.functions++;
        sums.wasmBytes += source.end - source.start;
        sums.wasmInstructions += countInstructions(source);
        sums.placedTemplates += code.sites.length;
        sums.codeBytes += code.bytes.length;
        sums.streamBytes += code.stream.length;
        sums.layout += cost.layout;
        sums.patch += cost.patch;
        sums.crc += cost.crc;
        sums.workBytes = Math.max(sums.workBytes, workBytes);
        sums.fromData += totalCost(fromData.expandSame(code).cost);
      }
      return { name, target, ...sums };
    });
    return { rows, facts: { target, ...costsOf(device), fromData: costsOf(fromData), packedTemplates: packed.templates.length } };
  } finally {
    device.close();
    fromData.close();
  }
}

function costsOf({ sizes, loadCost, stackBytes }: DeviceExpander): ExpanderSizes & { readonly load: number; readonly stack: number } {
  return { ...sizes, load: loadCost, stack: stackBytes };
}

/** Of a function's body. */
export function countInstructions({ bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }): number {
  const reader = new InstructionReader(bytes, start);
  let count = 0;
  for (; reader.offset < end; count++) reader.read();
  return count;
}

/** The section of the performance page: it repeats exactly. */
export function formatDeviceSection(measured: readonly DeviceMeasurements[]): string {
  return [
    '## Compiling on the device',
    '',
    'Written by `./fireball bench device-compile`, checked by `./fireball bench device-compile --check`. Expander, patcher and CRC-32',
    'as C on the emulated CPU ([vsoc/guest/expander](../vsoc/guest/expander)): executed instructions from a selection stream',
    '([jit/STREAM.md](../jit/STREAM.md)) to code in the staging buffer, the same bytes as the host makes. *Layout* reads the stream and',
    "checks it, and widens branches; *patch* reads it again, copies templates and fills their holes. Wasm bytes are those of the functions' instructions;",
    '*work* is the RAM for labels and branches of the function that needs most.',
    '',
    'The built-in sets are *compiled in*: each template has straight-line code, made of the metadata that the host patches by',
    '([compiled-templates.ts](../vsoc/tools/compiled-templates.ts)). Any other set is *data* in packed form ([jit/TEMPLATES.md](../jit/TEMPLATES.md)), which the same',
    'expander reads for every instance: less flash, more time, in the last column. The budget of 16 KiB for templates and code cache counts templates in packed form, in either case:',
    'compiled in, their bytes and shapes are no more than that, and what fills the holes is code of the expander, in ROM beside the budget, as the code that reads packed templates is.',
    '',
    '**Selection is not in these numbers.** What planning and selection take on the device is in the section of the whole compiler, which is what mixed mode runs.',
    'They read every wasm instruction twice and place the templates: the columns say how many.',
    ...measured.flatMap(({ rows, facts }) => ['', `### Compiling for ${facts.target} on the device`, '', ...formatTable(rows), '', ...formatFacts(facts)]),
  ].join('\n');
}

function formatTable(rows: readonly DeviceRow[]): string[] {
  return [
    '| module | functions | wasm bytes | wasm instructions | templates | code bytes | work | stream / wasm byte | layout / wasm byte | patch / wasm byte | CRC / wasm byte | all / wasm byte | all / code byte | all / wasm byte, data |',
    `| --- |${' ---: |'.repeat(13)}`,
    ...rows.map(({ name, functions, wasmBytes, wasmInstructions, placedTemplates, codeBytes, streamBytes, layout, patch, crc, workBytes, fromData }) => {
      const counts = [functions, wasmBytes, wasmInstructions, placedTemplates, codeBytes, workBytes].map(formatCount);
      const perByte = [layout, patch, crc, layout + patch + crc].map((instructions) => (instructions / wasmBytes).toFixed(1));
      const cells = [
        name,
        ...counts,
        (streamBytes / wasmBytes).toFixed(2),
        ...perByte,
        ((layout + patch + crc) / codeBytes).toFixed(1),
        (fromData / wasmBytes).toFixed(1),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

function formatFacts({ code, stack, fromData, packedTemplates }: DeviceFacts): string[] {
  const all = fromData.code + fromData.templates + fromData.branches;
  return [
    `Compiled in: ${formatCount(code)} bytes of flash, templates and branch forms included. RAM: nothing is kept; while a function is compiled, its stream,`,
    `its code, 4 bytes for each label and 8 for each branch to one, and ${formatCount(stack)} bytes of stack.`,
    '',
    `As data: ${formatCount(all)} bytes of flash, ${formatCount(fromData.code)} of code, ${formatCount(fromData.templates)} of packed templates, ${formatCount(fromData.branches)} of branch forms. RAM: ${formatCount(fromData.index)} bytes of index, kept,`,
    `and ${formatCount(fromData.stack)} bytes of stack. Checking and indexing the set takes ${formatCount(fromData.load)} instructions, once.`,
    '',
    `The budget counts ${formatCount(packedTemplates)} bytes of templates.`,
  ];
}
