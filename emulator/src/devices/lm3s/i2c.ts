import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Commands in MCS. */
const RUN = 1 << 0;
const START = 1 << 1;
const STOP = 1 << 2;
/** Status in MCS. */
const BUSY = 1 << 0;
const ERROR = 1 << 1;
const ADDRESS_NACK = 1 << 2;
const DATA_NACK = 1 << 3;
const IDLE = 1 << 5;
const BUS_BUSY = 1 << 6;
const MASTER_ENABLE = 1 << 4;

/** I2C of Stellaris as a master (LM3S6965 data sheet, chapter 14): chips hang at the I2C bus of its name. The slave's registers are stored only. */
export const lm3sI2c: DeviceClass = {
  name: 'lm3s-i2c',
  summary: 'Stellaris I2C master (LM3S6965 data sheet, chapter 14)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const bus = environment.i2cBus(environment.name);
    const extra = { command: 0, status: IDLE, owned: false };
    const done = environment.timer(() => {
      const read = (block.get('MSA') & 1) === 1;
      let status = 0;
      if ((extra.command & START) !== 0) {
        extra.owned = true;
        if (!bus.start(block.get('MSA') >>> 1, read)) status = ERROR | ADDRESS_NACK;
      }
      if (status === 0 && read) block.set('MDR', bus.read());
      else if (status === 0 && !bus.write(block.get('MDR'))) status = ERROR | DATA_NACK;
      finish(status);
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'MSA', offset: 0x000, writable: 0xff },
        {
          name: 'MCS',
          offset: 0x004,
          writable: 0,
          steady: true,
          read: () => extra.status,
          write: (_stored, _before, written) => {
            if ((block.get('MCR') & MASTER_ENABLE) === 0) {
              environment.warn('command while MCR.MFE is clear');
              return;
            }
            extra.command = written & 0xf;
            if ((written & RUN) !== 0) {
              // The controller is busy, and nothing else is said meanwhile.
              extra.status = BUSY | BUS_BUSY;
              const bytes = (written & START) !== 0 ? 2 : 1;
              done.set(environment.timeline.now + bytes * 9 * 20 * (1 + block.get('MTPR')));
            } else if ((written & STOP) !== 0) {
              finish(0);
            }
          },
        },
        { name: 'MDR', offset: 0x008, writable: 0xff },
        { name: 'MTPR', offset: 0x00c, reset: 1, writable: 0x7f },
        { name: 'MIMR', offset: 0x010, writable: 1, write: () => irq.set((block.get('MRIS') & block.get('MIMR')) !== 0) },
        { name: 'MRIS', offset: 0x014, access: 'ro' },
        { name: 'MMIS', offset: 0x018, access: 'ro', steady: true, read: () => block.get('MRIS') & block.get('MIMR') },
        {
          name: 'MICR',
          offset: 0x01c,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written) => {
            if ((written & 1) === 1) block.set('MRIS', 0);
            irq.set((block.get('MRIS') & block.get('MIMR')) !== 0);
          },
        },
        { name: 'MCR', offset: 0x020, writable: 0x31, fields: { LPBK: [0, 0], MFE: [4, 4], SFE: [5, 5] } },
        { name: 'SOAR', offset: 0x800, writable: 0x7f },
        { name: 'SCSR', offset: 0x804, writable: 0 },
        { name: 'SDR', offset: 0x808, writable: 0xff },
        { name: 'SIMR', offset: 0x80c, writable: 1 },
        { name: 'SRIS', offset: 0x810, access: 'ro' },
        { name: 'SMIS', offset: 0x814, access: 'ro' },
        { name: 'SICR', offset: 0x818, access: 'wo' },
      ],
      extra,
      reset: () => {
        Object.assign(extra, { command: 0, status: IDLE, owned: false });
        done.clear();
        irq.set(false);
      },
    });
    function finish(status: number): void {
      if ((extra.command & STOP) !== 0) {
        bus.stop();
        extra.owned = false;
      }
      extra.status = status | (extra.owned ? BUS_BUSY : IDLE);
      block.set('MRIS', 1);
      irq.set((block.get('MRIS') & block.get('MIMR')) !== 0);
    }
    return block;
  },
};
