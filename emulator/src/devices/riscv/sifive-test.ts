import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Lower half of the written word (SiFive test finisher, `sifive_test` of QEMU's virt and of SiFive's simulations); the upper half is a status. */
const fail = 0x3333;
const pass = 0x5555;
const reset = 0x7777;

/** Ends a simulation. */
export const sifiveTest: DeviceClass = {
  name: 'sifive-test',
  summary: 'SiFive test finisher: power off with a status, or reset',
  size: 0x1000,
  deviceTree: { node: 'test', compatible: ['sifive,test1', 'sifive,test0', 'syscon'] },
  create: (environment) =>
    new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'FINISH',
          offset: 0,
          access: 'wo',
          write: (_stored, _before, written) => {
            const status = written >>> 16;
            const command = written & 0xffff;
            if (command === pass) environment.powerOff(0, 'the test finisher was told that all went well');
            else if (command === fail) environment.powerOff(status & 0xff, `the test finisher was told of failure ${status}`);
            else if (command === reset) environment.requestReset('the test finisher');
            else environment.warn(`the test finisher knows no command 0x${command.toString(16)}`);
          },
        },
      ],
    }),
};
