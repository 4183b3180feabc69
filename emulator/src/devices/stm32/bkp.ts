import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/**
 * Backup registers of STM32F1 (RM0008 chapter 6, RM0041 chapter 5): ten of 16 bits, and 32 more on larger chips, which keep their value over
 * resets; written only while PWR_CR.DBP is set. The tamper pin and RTC calibration are stored only.
 */
export const stm32f1Bkp: DeviceClass = {
  name: 'stm32f1-bkp',
  summary: 'STM32F1 backup registers (RM0008 6)',
  size: 0x400,
  create(environment) {
    const access = environment.wire('pwr.dbp');
    const guarded = (name: string) => (_stored: number, before: number, _written: number, index: number) => {
      if (!access.level) block.set(name === 'RTCCR' || name === 'CR' || name === 'CSR' ? name : `${name}${index}`, before);
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'DR', offset: 0x04, count: 10, stride: 4, writable: 0xffff, lasting: true, write: guarded('DR') },
        { name: 'RTCCR', offset: 0x2c, writable: 0x3ff, lasting: true, write: guarded('RTCCR') },
        { name: 'CR', offset: 0x30, writable: 3, lasting: true, write: guarded('CR') },
        { name: 'CSR', offset: 0x34, writable: 4, write: guarded('CSR') },
        { name: 'DRX', offset: 0x40, count: 32, stride: 4, writable: 0xffff, lasting: true, write: guarded('DRX') },
      ],
      reset: ({ kind }) => {
        // RCC_BDCR.BDRST resets this device alone.
        if (kind !== 'module') return;
        for (let index = 0; index < 10; index++) block.set(`DR${index}`, 0);
        for (let index = 0; index < 32; index++) block.set(`DRX${index}`, 0);
        for (const name of ['RTCCR', 'CR']) block.set(name, 0);
      },
    });
    return block;
  },
};
