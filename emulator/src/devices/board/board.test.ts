import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { cmsdkUart } from '../cmsdk/uart.js';
import { iotkitSysinfo } from '../mps2/sysinfo.js';
import { coresightId } from './coresight-id.js';
import { jumpers } from './jumpers.js';
import { mirror } from './mirror.js';
import { pullUps } from './pull-ups.js';

describe('what boards have around their chips', () => {
  it('mirrors devices of another range', () => {
    const b = new DeviceBench([
      { device: cmsdkUart, name: 'uart', base: 0x4000_0000 },
      { device: mirror, base: 0x5000_0000, parameters: { to: 0x4000_0000 }, size: 0x2000 },
    ]);
    const heard = b.listen('uart');
    b.write('mirror', 0x8, 1);
    b.write('mirror', 0x0, 0x41);
    b.pass(160);
    expect([heard, b.read('uart', 0x8), b.read('mirror', 0x8), b.read('mirror', 0x1000)]).toEqual([[0x41], 1, 1, 0]);
    expect(b.warnings).toContain('mirror: access to 0x40001000, where nothing is');
  });
  it('holds pins high until somebody pulls them down', () => {
    const b = new DeviceBench([{ device: pullUps, parameters: { pins: 'gpio.3 gpio.4' } }]);
    expect(['3', '4', '5'].map((pin) => b.machine.pin(`gpio.${pin}`).level)).toEqual([true, true, false]);
    expect(() => new DeviceBench([{ device: pullUps, parameters: { pins: 'gpio.3,4' } }])).toThrow(
      "device 'pull-ups': pins are written gpio.17, with blanks between them",
    );
  });
  it('leads what one pin puts out to another', () => {
    const b = new DeviceBench([{ device: jumpers, parameters: { wires: 'a.1>b.2 a.3>b.4' } }]);
    b.machine.pin('a.3').drive(true);
    expect(['b.2', 'b.4'].map((pin) => b.machine.pin(pin).level)).toEqual([false, true]);
    b.machine.pin('a.3').drive(false);
    expect(b.machine.pin('b.4').level).toBe(false);
    expect(() => new DeviceBench([{ device: jumpers, parameters: { wires: 'a.1-b.2' } }])).toThrow(
      "device 'jumpers': wires are written gpioa.0>gpiob.1, with blanks between them",
    );
  });
  it('identifies chips', () => {
    const b = new DeviceBench([
      { device: coresightId, parameters: { revision: 7 } },
      { device: iotkitSysinfo, name: 'info' },
    ]);
    expect([0xfd0, 0xfe0, 0xfe4, 0xfe8, 0xff4].map((at) => b.read('coresight-id', at))).toEqual([2, 1, 0x40, 0x7c, 0x10]);
    expect([0x0, 0x4].map((at) => b.read('info', at))).toEqual([0x0004_1743, 0x31]);
  });
});
