import { formatCount, type Isa } from '@fireball/contracts';
import type { TemplateSet } from '@fireball/jit';
import { compileOffline, DeviceExpander, type ExpanderSizes } from '@fireball/vsoc';
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
}

/** What the device keeps and needs, in bytes; `load` in guest instructions. */
export interface DeviceFacts extends ExpanderSizes {
  readonly target: Isa;
  readonly load: number;
  readonly stack: number;
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
  const device = new DeviceExpander(templates);
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
      }
      return { name, target, ...sums };
    });
    return { rows, facts: { target, ...device.sizes, load: device.loadCost, stack: device.stackBytes } };
  } finally {
    device.close();
  }
}

function countInstructions({ bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }): number {
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
    "widens branches, *patch* copies templates and fills their holes. Wasm bytes are those of the functions' instructions; *work* is the RAM",
    'for labels and branches of the function that needs most.',
    '',
    '**Selection is not in these numbers.** Planning and selection run on the host; there is no version of them for the device, so their cost there',
    'has not been measured. They read every wasm instruction twice and place the templates: the columns say how many. Mixed mode takes four times',
    'the numbers below for them, an assumption from the shares of time that selection and expansion have on the host',
    '([price.ts](../vsoc/src/tier/price.ts)).',
    ...measured.flatMap(({ rows, facts }) => ['', `### Compiling for ${facts.target} on the device`, '', ...formatTable(rows), '', ...formatFacts(facts)]),
  ].join('\n');
}

function formatTable(rows: readonly DeviceRow[]): string[] {
  return [
    '| module | functions | wasm bytes | wasm instructions | templates | code bytes | work | stream / wasm byte | layout / wasm byte | patch / wasm byte | CRC / wasm byte | all / wasm byte | all / code byte |',
    `| --- |${' ---: |'.repeat(12)}`,
    ...rows.map(({ name, functions, wasmBytes, wasmInstructions, placedTemplates, codeBytes, streamBytes, layout, patch, crc, workBytes }) => {
      const counts = [functions, wasmBytes, wasmInstructions, placedTemplates, codeBytes, workBytes].map(formatCount);
      const perByte = [layout, patch, crc, layout + patch + crc].map((instructions) => (instructions / wasmBytes).toFixed(1));
      const cells = [name, ...counts, (streamBytes / wasmBytes).toFixed(2), ...perByte, ((layout + patch + crc) / codeBytes).toFixed(1)];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

function formatFacts({ code, templates, branches, index, stack, load }: DeviceFacts): string[] {
  const [flash, ...parts] = [code + templates + branches, code, templates, branches].map(formatCount);
  return [
    `Flash: ${flash} bytes: ${parts[0]} of code, ${parts[1]} of packed templates, ${parts[2]} of branch forms. RAM: ${formatCount(index)} bytes of index, kept;`,
    `while a function is compiled, its stream, its code, 4 bytes for each label and 8 for each branch to one, and ${formatCount(stack)} bytes of stack.`,
    `Checking and indexing the template set takes ${formatCount(load)} instructions, once.`,
  ];
}
