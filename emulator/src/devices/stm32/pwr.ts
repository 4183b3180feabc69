import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/**
 * Power control (RM0041 chapter 4 and RM0008 chapter 5 for F1, RM0033 chapter 4, RM0090 chapter 5 for F405). DBP lifts the backup domain's
 * write protection; the supply is never low. Behind Stop mode the chip runs on HSI (pin `woken`). In Standby mode all but the backup domain is reset, until
 * the RTC or a rising edge of the wake-up pin, `gpioa.0`, starts the core again; RAM keeps what it holds. Clocks run on in both.
 */
export const stm32Pwr: DeviceClass = {
  name: 'stm32-pwr',
  summary: 'STM32 power control (RM0008 5, RM0033 4, RM0090 5)',
  size: 0x400,
  parameters: { series: { type: 'text', default: 'f1', summary: 'f1, f2 or f4' } },
  create(environment) {
    const series = environment.text('series');
    const writable = { f1: 0x1ff, f2: 0x3ff, f4: 0x43ff }[series] ?? 0x1ff;
    const backupAccess = environment.pin('dbp');
    const woken = environment.pin('woken');
    const coreWaits = environment.wire('cpu.wait');
    const state = { stopped: false, standby: false };
    environment.wire('cpu.sleepdeep').onChange((level) => {
      if (level && block.field('CR', 'PDDS') === 1) {
        state.standby = true;
        coreWaits.set(true);
        environment.requestReset('Standby mode', 'standby');
      } else if (level) {
        state.stopped = true;
      } else if (state.stopped) {
        state.stopped = false;
        woken.pulse();
      }
    });
    for (const name of ['exti.17', 'exti.22', 'gpioa.0'])
      environment.wire(name).onChange((level) => {
        if (level && state.standby && (name !== 'gpioa.0' || block.field('CSR', 'EWUP') === 1)) wake();
      });
    function wake(): void {
      state.standby = false;
      block.set('CSR', block.get('CSR') | 3);
      coreWaits.set(false);
    }
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR',
          offset: 0,
          reset: series === 'f4' ? 0x4000 : 0,
          writable,
          fields: { LPDS: [0, 0], PDDS: [1, 1], CWUF: [2, 2], CSBF: [3, 3], PVDE: [4, 4], PLS: [7, 5], DBP: [8, 8] },
          write: (stored) => {
            // CWUF and CSBF read as 0 and clear the flags of CSR.
            block.set('CR', stored & ~0xc);
            block.set('CSR', block.get('CSR') & ~((stored >>> 2) & 3));
            backupAccess.drive((stored & 0x100) !== 0);
          },
        },
        {
          name: 'CSR',
          offset: 4,
          lasting: true,
          writable: series === 'f1' ? 0x100 : 0x300,
          fields: { WUF: [0, 0], SBF: [1, 1], PVDO: [2, 2], BRR: [3, 3], EWUP: [8, 8], BRE: [9, 9], VOSRDY: [14, 14] },
          // The regulators are ready as soon as they are on.
          steady: true,
          read: (stored) => stored | ((stored & 0x200) !== 0 ? 8 : 0) | (series === 'f4' ? 0x4000 : 0),
        },
      ],
      extra: state,
      reset: ({ kind }) => {
        backupAccess.drive(false);
        // Anything else that resets the chip, such as the independent watchdog, ends Standby mode, too.
        if (kind !== 'standby') {
          Object.assign(state, { stopped: false, standby: false });
          coreWaits.set(false);
        }
        if (kind !== 'standby' && kind !== 'power-on') block.set('CSR', block.get('CSR') & 3);
      },
    });
    return block;
  },
};
