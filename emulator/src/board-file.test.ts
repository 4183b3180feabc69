import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FireballError, InvalidInputError } from '@fireball/contracts';
import fc from 'fast-check';
import { boardNames, loadBoard, parseBoard } from './board-file.js';

const good = `summary: a board
processor: { core: cortex-m3, interrupts: 8, priorityBits: 3, systickReference: slow }
clocks:
  cpu: 7.3728MHz
  slow: 32768Hz
memory:
  flash: { kind: rom, base: 0, size: 64K, fill: 0xff }
  ram: { kind: ram, base: 0x20000000, size: 16K }
devices:
  gap:
    device: reserved
    base: 0x40000000
    size: 4K
`;

describe('board files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'boards-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each(boardNames())('%s is a board', async (name) => {
    const { board, deviceClass } = await loadBoard(name);
    expect(board.name).toBe(name);
    for (const { device } of board.devices) expect(deviceClass(device).name).toBe(device);
  });

  it('reads sizes, clocks and defaults', async () => {
    const { board } = await parseBoard(good, 'good.yaml');
    expect(board.clocks).toEqual({ cpu: 7_372_800, slow: 32_768 });
    expect(board.memory).toEqual([
      { name: 'flash', kind: 'rom', base: 0, size: 65536, of: undefined, fill: 255 },
      { name: 'ram', kind: 'ram', base: 0x2000_0000, size: 16384, of: undefined, fill: 0 },
    ]);
    expect(board.devices).toEqual([{ name: 'gap', device: 'reserved', base: 0x4000_0000, size: 4096, interrupts: {}, clocks: {}, parameters: {} }]);
    expect(board.processor).toMatchObject({ core: 'cortex-m3', interrupts: 8, bitBand: false, resetVector: 0 });
  });

  // What is changed in the good board, and the error that comes of it.
  it.each([
    ['interrupts: 8', 'interupts: 8', "line 2: the processor has no key 'interupts' (did you mean interrupts?)"],
    ['core: cortex-m3', 'core: cortex-m2', "line 2: the processor: unknown core 'cortex-m2' (did you mean cortex-m0?)"],
    ['priorityBits: 3', 'priorityBits: 9', 'line 2: the processor: priorityBits is 9, and should be between 2 and 8'],
    ['priorityBits: 3, ', '', "line 2: the processor lacks 'priorityBits'"],
    ['systickReference: slow', 'systickReference: slwo', "line 2: the processor: unknown clock 'slwo' (did you mean slow?)"],
    ['cpu: 7.3728MHz', 'cp: 1', "line 3: the board lacks the clock 'cpu', in whose cycles time is counted"],
    ['cpu: 7.3728MHz', 'cpu: fast', 'line 4: clocks: cpu is fast, and should be a whole number, such as 0x4000, 16K or 25MHz'],
    ['size: 64K', 'size: 1000', "line 7: memory 'flash': size is 0x3e8, and should be a multiple of 1024, a page of the CPU's memory"],
    ['base: 0x20000000', 'base: 0x8000', "line 8: 'ram' at 0x8000..0xbfff overlaps 'flash' at 0x0..0xffff (line 7)"],
    ['base: 0x20000000', 'base: 0xfffff000', "line 8: memory 'ram' ends behind the last address, 0xffffffff"],
    ['kind: rom', 'kind: flash', "line 7: memory 'flash': unknown kind of memory 'flash' (known: ram, rom, alias)"],
    ['kind: rom', 'kind: alias', "line 7: memory 'flash' lacks 'of', the memory that it is an alias of"],
    ['kind: rom', 'kind: alias, of: rma', "line 7: memory 'flash' is an alias of 'rma', which is not there (did you mean ram?)"],
    ['size: 64K', 'size: 4G', "line 7: memory 'flash': size is 4G, and should be between 1 and 0x20000000"],
    ['device: reserved', 'device: reservde', "line 11: device 'gap': unknown device class 'reservde' (did you mean reserved?)"],
    ['base: 0x40000000', 'base: 0x20001000', "line 10: 'gap' at 0x20001000..0x20001fff overlaps 'ram' at 0x20000000..0x20003fff (line 8)"],
    ['    size: 4K', '    interrupts: { irq: 1 }', "line 10: device 'gap' lacks 'size'"],
    ['    size: 4K', '    size: 4K\n    interrupts: { irq: 1 }', "line 14: device 'gap', interrupts has no key 'irq' (known: none)"],
    ['    size: 4K', '    size: 4K\n    clocks: { in: cpu }', "line 14: device 'gap', clocks has no key 'in' (known: none)"],
    ['    size: 4K', '    size: 4K\n    parameters: { depth: 2 }', "line 14: device 'gap', parameters has no key 'depth' (known: none)"],
    [
      '    size: 4K',
      '    size: 4K\n  s: { device: mma8653, parameters: { bus: gap, x: -9000 } }',
      "line 14: device 's', parameters: x is -9000, and should be between -8000 and 8000",
    ],
    ['  gap:', '  ram:', "line 10: there is a memory and a device called 'ram' (line 8)"],
    ['summary: a board', 'summary: 3', 'line 1: the board: summary is 3, and should be text'],
    ['summary: a board', 'summary: a board\nconsole: uart0', "line 2: console is 'uart0', which is no device with a serial port (known: none)"],
    ['summary: a board', 'summary: a board\nsummary: again', 'line 2: Map keys must be unique'],
    ['summary: a board', 'summary: [', 'line 2: '],
    ['summary: a board', 'summary: a board\nextends: mps3', "line 2: the board extends 'mps3', which is unknown"],
    ['summary: a board', 'summary: a board\nmodule: ./none.mjs', 'line 2: there is no module ./none.mjs'],
    ['  ram:', '  8ram:', "line 8: '8ram' is no name"],
  ])('%j -> %j: %s', async (from, to, message) => {
    expect(good).toContain(from);
    await expect(parseBoard(good.replace(from, to), 'my.yaml')).rejects.toThrow(InvalidInputError);
    await expect(parseBoard(good.replace(from, to), 'my.yaml')).rejects.toThrow(`my.yaml, ${message}`);
  });

  it('lays a board over another one, by names', async () => {
    const base = write('base.yaml', good);
    const over = write(
      'over.yaml',
      'extends: ./base.yaml\nsummary: mine\nclocks: { cpu: 1MHz }\nmemory:\n  ram: { size: 32K }\ndevices:\n  gap:\n  more: { device: reserved, base: 0x50000000, size: 16 }\n',
    );
    const [{ board: before }, { board }] = [await loadBoard(base), await loadBoard(over)];
    expect(board.clocks).toEqual({ cpu: 1_000_000, slow: 32_768 });
    expect(board.memory).toEqual([before.memory[0], { ...before.memory[1], size: 32768 }]);
    expect(board.devices.map(({ name }) => name)).toEqual(['more']);
    await expect(loadBoard(write('bad.yaml', 'extends: ./base.yaml\n\nmemory: { ram: { base: 4K } }'))).rejects.toThrow(
      /bad\.yaml, line 3: 'ram' at 0x1000\.\.0x4fff overlaps 'flash' at 0x0\.\.0xffff \(.*base\.yaml, line 7\)/,
    );
    await expect(loadBoard(write('circle.yaml', 'extends: ./circle.yaml\n'))).rejects.toThrow(
      'circle.yaml, line 1: more than 8 boards extend each other, or they go in a circle',
    );
  });

  it("takes device classes of the user's own", async () => {
    write(
      'sensor.mjs',
      `export default {
        name: 'sensor', summary: 'a sensor', size: 16, interrupts: ['irq'], clocks: ['in'],
        parameters: { value: { type: 'number', default: 7, summary: 'what it says' }, store: { type: 'memory', summary: 'where' } },
        create: (environment) => ({ state: {}, reset() {}, read: () => environment.number('value'), write() {} }),
      };`,
    );
    const uses = (text: string): string => `${good}  sensor: { device: sensor, base: 0x50000000, ${text} }\nmodule: ./sensor.mjs\n`;
    const { board, deviceClass } = await loadBoard(
      write('sensor.yaml', uses('parameters: { store: ram, value: 1K }, interrupts: { irq: 3 }, clocks: { in: slow }')),
    );
    expect(board.devices[1]).toEqual({
      name: 'sensor',
      device: 'sensor',
      base: 0x5000_0000,
      size: 16,
      interrupts: { irq: 3 },
      clocks: { in: 'slow' },
      parameters: { store: 'ram', value: 1024 },
    });
    expect(deviceClass('sensor').summary).toBe('a sensor');
    expect(() => deviceClass('senso')).toThrow('did you mean sensor?');
    for (const [text, message] of [
      ['interrupts: { irq: 3 }', "line 14: device 'sensor' lacks the parameter 'store' of a sensor"],
      ['parameters: { store: rom }', "line 14: device 'sensor': store is 'rom', which is no memory of the board (did you mean ram?)"],
      ['parameters: { store: ram, value: x }', "line 14: device 'sensor', parameters: value is x, and should be a whole number"],
      ['parameters: { store: ram }, interrupts: { irq: 8 }', "line 14: device 'sensor': interrupt irq is 8; the processor has the inputs 0 to 7"],
      ['size: 8, parameters: { store: ram }', "line 14: device 'sensor': the size of a sensor is always 16 bytes"],
      [
        'parameters: { store: ram }, interrupts: { irq: 1 } }\n  two: { device: sensor, base: 0x51000000, parameters: { store: ram }, interrupts: { irq: 1 }',
        "line 15: device 'two': interrupt irq is 1, which 'sensor' has (line 14)",
      ],
    ] as const) {
      await expect(loadBoard(write('wrong.yaml', uses(text)))).rejects.toThrow(message);
    }
    await expect(
      loadBoard(
        write(
          'shared.yaml',
          `sharedInterrupts: [1]\n${uses('parameters: { store: ram }, interrupts: { irq: 1 } }\n  two: { device: sensor, base: 0x51000000, parameters: { store: ram }, interrupts: { irq: 1 }')}`,
        ),
      ),
    ).resolves.toBeDefined();
  });

  // What is given to chips, and said of it.
  it.each([
    ['{ device: lm75, parameters: { bus: i2c9 } }', "line 3: device 'a': bus is 'i2c9', which is no device of the board (did you mean i2c1?)"],
    ['{ device: spi-flash, parameters: { bus: spi1, select: gpioz.4, size: 1M } }', "select is 'gpioz.4', which is no pin of a device of the board"],
    ['{ device: spi-flash, parameters: { bus: spi1, select: gpioa, size: 1M } }', "select is 'gpioa', which is no pin of a device of the board"],
    ['{ device: lm75, parameters: { bus: i2c1 } }\n  b: { device: lm75, parameters: { bus: i2c2 } }', undefined],
    ['{ device: lm75, parameters: { bus: i2c1 } }\n  b: { device: lm75, parameters: { bus: i2c1 } }', "'b' is at address 0x48 of i2c1, where 'a' is"],
    [
      '{ device: lm75, parameters: { bus: i2c1, address: 0x49 } }\n  b: { device: lm75, parameters: { bus: i2c1, address: 0x49 } }',
      "line 4: device 'b' is at address 0x49 of i2c1, where 'a' is (line 3)",
    ],
    [
      '{ device: spi-flash, parameters: { bus: spi1, select: gpioa.4, size: 1M } }\n  b: { device: spi-eeprom, parameters: { bus: spi1, select: gpioa.4, kilobits: 64 } }',
      "line 4: device 'b' is at gpioa.4 of spi1, where 'a' is (line 3)",
    ],
  ])('a chip: %s', async (text, message) => {
    const board = parseBoard(`extends: netduinoplus2\ndevices:\n  a: ${text}\n`, 'chips.yaml');
    await (message === undefined ? expect(board).resolves.toBeDefined() : expect(board).rejects.toThrow(message));
  });

  it.each([
    ['mps2-an385', 'meip', "unknown interrupt 'meip' (known: nmi, rxev)"],
    ['virt-rv32', 'nmi', "unknown interrupt 'nmi'"],
  ])('an interrupt that the core of %s does not have', async (board, input, message) => {
    const device = `extends: ${board}\ndevices:\n  a: { device: pl011, base: 0x70000000, interrupts: { irq: ${input} } }\n`;
    await expect(parseBoard(device, 'inputs.yaml')).rejects.toThrow(`inputs.yaml, line 3: device 'a', interrupts: ${message}`);
  });

  it('numbers may be text, as in JSON', async () => {
    const memory = { more: { kind: 'ram', base: '0x70000000', size: '0x4000' }, next: { kind: 'ram', base: '1879080960', size: '4K' } };
    const { board } = await parseBoard(JSON.stringify({ extends: 'mps2-an385', memory }), 'board.json');
    expect(board.memory.slice(-2)).toMatchObject([
      { base: 0x7000_0000, size: 0x4000 },
      { base: 0x7000_8000, size: 0x1000 },
    ]);
  });

  it.each([
    ['export default 3;', 'its default export is no device class'],
    ['export default { name: 3 };', "the class's name is no text"],
    ['export default { name: "x", summary: "", size: -1 };', "the class's size is no number of bytes, nor 'board'"],
    ['export default { name: "x", summary: "", size: 4 };', 'the class has no function create(environment)'],
    ['export default { name: "x", summary: "", size: 4, create() {}, clocks: 3 };', "the class's clocks is no list of names"],
    [
      'export default { name: "x", summary: "", size: 4, create() {}, parameters: { a: { type: "float" } } };',
      'the type of parameter a is none of number, text, memory, device, pin',
    ],
    ['export default { name: "reserved", summary: "", size: 4, create() {} };', "has the device class 'reserved', which is there already"],
    ['export default nothing;', 'cannot be loaded: nothing is not defined'],
    ['export default {;', 'cannot be loaded: '],
  ])('refuses the module %s', async (text, message) => {
    // A module is loaded once: each case needs a file of its own.
    const name = `module-${message.length}-${text.length}.mjs`;
    write(name, text);
    const board = write('uses.yaml', `${good}module: ./${name}\n`);
    await expect(loadBoard(board)).rejects.toThrow(InvalidInputError);
    await expect(loadBoard(board)).rejects.toThrow(`uses.yaml, line 14: module ./${name}`);
    await expect(loadBoard(board)).rejects.toThrow(message);
  });

  it('says which boards there are', async () => {
    await expect(loadBoard('mps2-an358')).rejects.toThrow("unknown machine 'mps2-an358' (did you mean mps2-an385?)");
    await expect(loadBoard(join(folder, 'none.yaml'))).rejects.toThrow(InvalidInputError);
  });

  it('has typed errors only, whatever is in the file', async () => {
    const lines = good.split('\n');
    const edit = fc.oneof(
      fc.record({
        at: fc.nat(lines.length - 1),
        text: fc.constantFrom(
          '',
          '  x: {',
          '[',
          '&a [*a]',
          '<<: *b',
          'devices: 3',
          '  ram: { kind: ram, base: 0x1, size: -1 }',
          '? {a: b} : c',
          'extends: 3',
          '- 1',
          '{{{{{{{{{{{{{{{{{{{',
          'memory:',
          '!!binary aa==',
          'module: []',
        ),
      }),
      fc.record({ at: fc.nat(lines.length - 1), text: fc.string() }),
      fc.record({ at: fc.nat(lines.length - 1), text: fc.constantFrom(...lines) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const text = edits.reduce((all, { at, text: line }) => all.map((old, index) => (index === at ? line : old)), lines).join('\n');
        try {
          await parseBoard(text, join(folder, 'mutant.yaml'));
        } catch (error) {
          expect(error).toBeInstanceOf(FireballError);
        }
      }),
      { numRuns: 500 },
    );
    await expect(parseBoard('['.repeat(200_000), 'deep.yaml')).rejects.toThrow(FireballError);
    await expect(parseBoard(`a: ${'{a: '.repeat(30)}1${'}'.repeat(30)}`, 'deep.yaml')).rejects.toThrow('is nested too deeply');
  });
});
