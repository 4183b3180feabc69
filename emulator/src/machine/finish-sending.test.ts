import { describe, expect, it } from '@jest/globals';
import { loadBoard } from '../board-file.js';
import { createProcessor } from './cores.js';
import { Machine } from './machine.js';

interface Case {
  readonly board: string;
  /** Stores that switch the console's sender on: offset, value. */
  readonly on: readonly (readonly [offset: number, value: number])[];
  readonly data: number;
  readonly size?: 1;
  /** As much as it holds. */
  readonly text: string;
}

const cmsdk: Omit<Case, 'board'> = {
  on: [
    [0x08, 1],
    [0x10, 217],
  ],
  data: 0,
  text: 'ok\n',
};
const pl011: Omit<Case, 'board'> = {
  on: [
    [0x24, 1],
    [0x2c, 0x70],
    [0x30, 0x301],
  ],
  data: 0,
  text: 'hello, world\n',
};
const ns16550: Omit<Case, 'board'> = {
  on: [
    [3, 3],
    [2, 1],
  ],
  data: 0,
  size: 1,
  text: 'hello, world\n',
};

describe.each<Case>([
  { board: 'mps2-an385', ...cmsdk },
  { board: 'fireball-rv32', ...cmsdk },
  { board: 'lm3s6965evb', ...pl011 },
  { board: 'virt-rv32', ...ns16550 },
  { board: 'sifive-e', on: [[8, 1]], data: 0, text: 'hello\n' },
  {
    board: 'netduinoplus2',
    on: [
      [8, 0x683],
      [0xc, 0x2008],
    ],
    data: 4,
    text: 'ok',
  },
  {
    board: 'microbit',
    on: [
      [0x500, 4],
      [0x524, 0x01d7_e000],
      [8, 1],
    ],
    data: 0x51c,
    text: 'k',
  },
])('$board', ({ board: name, on, data, size = 4, text }) => {
  it('sends what is left in its console, and no more than a second passes', async () => {
    const { board, deviceClass } = await loadBoard(name);
    const machine = new Machine({ board, createProcessor, deviceClass });
    let heard = '';
    machine.serial(board.console ?? '').onOutput = (byte) => {
      heard += String.fromCharCode(byte);
    };
    machine.reset();
    const uart = machine.device(board.console ?? '');
    for (const [offset, value] of on) uart.write(offset, size, value);
    for (const byte of Buffer.from(text)) uart.write(data, size, byte);
    expect(heard).not.toBe(text);
    machine.finishSending();
    expect(heard).toBe(text);
    expect(machine.clocks.seconds).toBeLessThanOrEqual(1);
    machine.close();
  });
});
