import type { DeviceClass } from '../../machine/device.js';
import { cfiFlash } from './cfi-flash.js';
import { clint } from './clint.js';
import { fwCfg } from './fw-cfg.js';
import { goldfishRtc } from './goldfish-rtc.js';
import { ns16550 } from './ns16550.js';
import { pcieEcam } from './pcie-ecam.js';
import { plic } from './plic.js';
import { sifiveGpio } from './sifive-gpio.js';
import { sifivePrci } from './sifive-prci.js';
import { sifiveTest } from './sifive-test.js';
import { sifiveUart } from './sifive-uart.js';
import { virtioMmio } from './virtio-mmio.js';

/** Devices of RISC-V boards. */
export const riscvDevices: readonly DeviceClass[] = [
  cfiFlash,
  clint,
  fwCfg,
  goldfishRtc,
  ns16550,
  pcieEcam,
  plic,
  sifiveGpio,
  sifivePrci,
  sifiveTest,
  sifiveUart,
  virtioMmio,
];
