import { describe, expect, it } from '@jest/globals';
import { loadBoard } from '../board-file.js';
import { createProcessor } from '../machine/cores.js';
import { Machine } from '../machine/machine.js';

describe.each(['stm32vldiscovery', 'netduino2', 'netduinoplus2', 'rp2040'])('%s', (name) => {
  it('is built, and locks up with blank flash', async () => {
    const { board, deviceClass } = await loadBoard(name);
    const machine = new Machine({ board, createProcessor, deviceClass });
    machine.reset();
    expect(machine.run({ instructions: 100_000 })).toMatchObject({ kind: 'fault' });
    machine.close();
  });
});
