import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { loadBoard } from '../board-file.js';
import { createProcessor } from '../machine/cores.js';
import { Machine } from '../machine/machine.js';
import { Program } from './testing/assemble.js';

async function boot(name: string, at: number, write: (p: Program) => void): Promise<{ machine: Machine; said: () => string }> {
  const { board, deviceClass } = await loadBoard(name);
  const machine = new Machine({ board, deviceClass, createProcessor });
  const program = new Program(at);
  write(program);
  machine.load({
    format: 'raw',
    segments: [{ address: at, data: program.bytes, memorySize: program.bytes.length }],
    entry: undefined,
    machine: undefined,
    bits: undefined,
    symbols: [],
    debug: undefined,
    remarks: [],
  });
  machine.reset();
  let text = '';
  machine.serial(board.console ?? '').onOutput = (byte) => {
    text += String.fromCharCode(byte);
  };
  return { machine, said: () => text };
}

/** Echoes what comes by interrupt of the UART, a timer tick as a dot, and powers off at `q`. */
function echo(p: Program): void {
  p.la('t0', 'handler').csrw('mtvec', 't0');
  // PLIC: priority 1 for source 10, enabled in context 0. NS16550: 8 bits, FIFO, interrupt of received bytes.
  p.li('s0', 0x0c00_0000)
    .li('t0', 1)
    .sw('t0', 40, 's0')
    .li('t1', 0x2000)
    .add('t1', 't1', 's0')
    .li('t0', 1 << 10)
    .sw('t0', 0, 't1');
  p.li('s1', 0x1000_0000).li('t0', 3).sb('t0', 3, 's1').li('t0', 1).sb('t0', 2, 's1').sb('t0', 1, 's1');
  p.li('s2', 0x0c20_0000).li('s3', 0x0200_4000).li('t0', 600).sw('t0', 0, 's3').sw('zero', 4, 's3');
  p.li('t0', 0x880).csrw('mie', 't0').csrsi('mstatus', 8).label('sleep').wfi().j('sleep');
  p.org(0x200).label('handler').csrr('t0', 'mcause').andi('t0', 't0', 15).li('t1', 7).beq('t0', 't1', 'timer');
  p.lw('s4', 4, 's2').lbu('a0', 0, 's1').sb('a0', 0, 's1').sw('s4', 4, 's2').li('t1', 0x71).bne('a0', 't1', 'back');
  p.label('flush').lbu('t0', 5, 's1').andi('t0', 't0', 0x40).beq('t0', 'zero', 'flush').li('t0', 0x10_0000).li('t1', 0x5555).sw('t1', 0, 't0');
  p.label('back').mret();
  p.label('timer').li('t0', 0x2e).sb('t0', 0, 's1').li('t0', -1).sw('t0', 0, 's3').sw('t0', 4, 's3').mret();
}

describe.each(['virt-rv32', 'virt-rv64'])('%s', (name) => {
  it('sleeps, ticks, echoes by interrupt and powers off, the same in slices of 1, 777 and 1,000,000', async () => {
    const hashes = new Set<string>();
    for (const slice of [1, 777, 1_000_000]) {
      const { machine, said } = await boot(name, 0x8000_0000, echo);
      machine.serial('uart0').type('abq');
      let end;
      do end = machine.run({ instructions: slice });
      while (end.kind === 'limit');
      expect(end).toMatchObject({ kind: 'power-off', status: 0 });
      expect([...said()].sort().join('')).toBe('.abq');
      const state = `${machine.instructions} ${machine.timeline.now} ${said()}`;
      hashes.add(createHash('sha256').update(machine.memory('ram').subarray(0, 0x1000)).update(state).digest('hex'));
      machine.close();
    }
    expect(hashes.size).toBe(1);
  });

  it('leaves hart and device tree in a0 and a1', async () => {
    const { machine } = await boot(name, 0x8000_0000, (p) => p.wfi());
    const address = machine.processor.readRegister('a1');
    const bytes = Buffer.from(machine.memory('ram').subarray(address - 0x8000_0000));
    expect(machine.processor.readRegister('a0')).toBe(0);
    expect(bytes.readUInt32BE(0)).toBe(0xd00d_feed);
    const blob = bytes.subarray(0, bytes.readUInt32BE(4)).toString('latin1');
    for (const text of [
      'riscv-virtio',
      '/soc/serial@10000000',
      'sifive,plic-1.0.0',
      'virtio,mmio',
      'cfi-flash',
      name === 'virt-rv32' ? 'riscv,sv32' : 'riscv,sv39',
    ])
      expect(blob).toContain(text);
    machine.close();
  });
});

describe('sifive-e', () => {
  it('runs from flash, switches to its crystal, and talks by UART0', async () => {
    const { machine, said } = await boot('sifive-e', 0x2040_0000, (p) => {
      p.li('s0', 0x1000_8000).li('t0', 0x7_0000).sw('t0', 8, 's0').li('s1', 0x1001_3000).li('t0', 138).sw('t0', 0x18, 's1').li('t0', 1).sw('t0', 8, 's1');
      for (const letter of 'Hi\n') p.li('t0', letter.charCodeAt(0)).sw('t0', 0, 's1');
      // Memory that is not there is an access fault.
      p.la('t0', 'handler').csrw('mtvec', 't0').lw('t0', 0, 'zero').org(0x100).label('handler').csrr('a0', 'mcause').label('end').wfi().j('end');
    });
    machine.run({ until: 100_000 });
    expect([said(), machine.clocks.cpu.hertz, machine.processor.readRegister('a0')]).toEqual(['Hi\n', 16_000_000, 5]);
    machine.close();
  });
});
