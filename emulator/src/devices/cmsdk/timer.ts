import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { DownCounter } from '../down-counter.js';
import { cmsdkIdentification } from '../identification.js';

const ENABLE = 1 << 0;
const EXTERNAL_ENABLE = 1 << 1;
const EXTERNAL_CLOCK = 1 << 2;
const INTERRUPT_ENABLE = 1 << 3;

/** APB timer of the Cortex-M System Design Kit (DDI0479D 4.1). Pin `EXTIN` enables it or clocks it, where CTRL says so. */
export const cmsdkTimer: DeviceClass = {
  name: 'cmsdk-timer',
  summary: 'CMSDK APB timer (DDI0479D 4.1)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['pclk'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const input = environment.pin('EXTIN');
    const counter = new DownCounter(
      environment,
      environment.clock('pclk'),
      () => block.get('RELOAD'),
      () => {
        zero();
      },
    );
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CTRL',
          offset: 0x0,
          writable: 0xf,
          fields: { ENABLE: [0, 0], EXTENABLE: [1, 1], EXTCLOCK: [2, 2], INTEN: [3, 3] },
          write: () => {
            update();
          },
        },
        {
          name: 'VALUE',
          offset: 0x4,
          read: () => counter.value,
          write: (stored) => {
            counter.set(stored);
          },
        },
        {
          name: 'RELOAD',
          offset: 0x8,
          write: (stored, before) => {
            block.set('RELOAD', before);
            counter.settle();
            block.set('RELOAD', stored);
            counter.reloadChanged();
          },
        },
        {
          name: 'INTSTATUS',
          offset: 0xc,
          access: 'w1c',
          writable: 1,
          write: () => {
            drive();
          },
        },
        cmsdkIdentification(0x22),
      ],
      extra: counter.state,
      reset: () => {
        counter.reset(0);
        drive();
      },
    });
    input.onChange((level) => {
      const control = block.get('CTRL');
      if (level && (control & (EXTERNAL_CLOCK | ENABLE)) === (EXTERNAL_CLOCK | ENABLE)) {
        const { value } = counter;
        counter.set(value === 0 ? block.get('RELOAD') : value - 1);
        if (value === 1) zero();
      }
      update();
    });

    function update(): void {
      const control = block.get('CTRL');
      const enabled = (control & ENABLE) !== 0 && ((control & EXTERNAL_ENABLE) === 0 || input.level);
      counter.run(enabled && (control & EXTERNAL_CLOCK) === 0);
    }
    function zero(): void {
      if ((block.get('CTRL') & INTERRUPT_ENABLE) !== 0) block.set('INTSTATUS', 1);
      drive();
    }
    function drive(): void {
      irq.set(block.get('INTSTATUS') !== 0);
    }
    return block;
  },
};
