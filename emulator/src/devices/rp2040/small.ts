import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

/** A peripheral that is its registers, without more effect. */
function storage(name: string, summary: string, registers: readonly RegisterDescription[]): DeviceClass {
  return {
    name,
    summary,
    size: peripheralSize,
    create: (environment) =>
      withAtomicAliases(
        new RegisterBlock({
          warn: environment.warn,
          registers,
        }),
      ),
  };
}

const allPower = 0x1_ffff;

/** Devices of RP2040 that tell something, or keep what they are told. */
export const rp2040SmallDevices: readonly DeviceClass[] = [
  storage('rp2040-sysinfo', 'RP2040 chip identification (data sheet 2.20)', [
    // Revision 2, part 2, manufacturer 0x927.
    { name: 'CHIP_ID', offset: 0x00, access: 'ro', reset: 0x2000_2927 },
    { name: 'PLATFORM', offset: 0x04, access: 'ro', reset: 2 },
    { name: 'GITREF_RP2040', offset: 0x40, access: 'ro' },
  ]),
  storage('rp2040-syscfg', 'RP2040 system configuration (data sheet 2.21)', [
    { name: 'PROC0_NMI_MASK', offset: 0x00 },
    { name: 'PROC1_NMI_MASK', offset: 0x04 },
    { name: 'PROC_CONFIG', offset: 0x08, reset: 0x1000_0000, writable: 0xff00_0000 },
    { name: 'PROC_IN_SYNC_BYPASS', offset: 0x0c, writable: 0x3fff_ffff },
    { name: 'PROC_IN_SYNC_BYPASS_HI', offset: 0x10, writable: 0x3f },
    { name: 'DBGFORCE', offset: 0x14, reset: 0x66, writable: 0xee },
    { name: 'MEMPOWERDOWN', offset: 0x18, writable: 0xff },
  ]),
  storage('rp2040-psm', 'RP2040 power-on state machine (data sheet 2.13)', [
    { name: 'FRCE_ON', offset: 0x0, writable: allPower },
    { name: 'FRCE_OFF', offset: 0x4, writable: allPower },
    { name: 'WDSEL', offset: 0x8, writable: allPower },
    { name: 'DONE', offset: 0xc, access: 'ro', reset: allPower },
  ]),
  storage('rp2040-vreg', 'RP2040 voltage regulator and chip reset (data sheet 2.10, 2.12)', [
    { name: 'VREG', offset: 0x0, reset: 0xb1, writable: 0xf3, steady: true, read: (stored) => stored | 0x1000 },
    { name: 'BOD', offset: 0x4, reset: 0x91, writable: 0xf1 },
    { name: 'CHIP_RESET', offset: 0x8, reset: 0x100, access: 'w1c', writable: 1 << 24 },
  ]),
  storage('rp2040-tbman', 'RP2040 testbench manager (data sheet 2.22): it is silicon', [{ name: 'PLATFORM', offset: 0x0, access: 'ro', reset: 1 }]),
  storage('rp2040-busctrl', 'RP2040 bus control (data sheet 2.1.3); counters stand still', [
    { name: 'BUS_PRIORITY', offset: 0x00, writable: 0x1111 },
    { name: 'BUS_PRIORITY_ACK', offset: 0x04, access: 'ro', reset: 1 },
    ...[0, 1, 2, 3].flatMap((counter): RegisterDescription[] => [
      { name: `PERFCTR${counter}`, offset: 0x08 + counter * 8, writable: 0 },
      { name: `PERFSEL${counter}`, offset: 0x0c + counter * 8, reset: 0x1f, writable: 0x1f },
    ]),
  ]),
  storage('rp2040-pads-qspi', 'RP2040 pads of the flash interface (data sheet 2.19)', [
    { name: 'VOLTAGE_SELECT', offset: 0x00, writable: 1 },
    { name: 'GPIO_QSPI_SCLK', offset: 0x04, reset: 0x56, writable: 0xff },
    { name: 'GPIO_QSPI_SD', offset: 0x08, count: 4, reset: 0x52, writable: 0xff },
    { name: 'GPIO_QSPI_SS', offset: 0x18, reset: 0x5a, writable: 0xff },
  ]),
];
