import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

/** Of MCR and MSR. */
const [INRQ, SLEEP, TXFP, RFLM, RESET] = [1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 15];
const [INAK, SLAK] = [1 << 0, 1 << 1];
/** Of TSR, for mailbox 0; those of the others are eight bits higher. */
const [RQCP, TXOK, ABRQ] = [1 << 0, 1 << 1, 1 << 7];
/** Of RFxR. */
const [FMP, FULL, FOVR, RFOM] = [3, 1 << 3, 1 << 4, 1 << 5];
const LBKM = 1 << 30;
const TXRQ = 1 << 0;
const mailboxes = 3;
const fifoDepth = 3;
const banks = 28;
/** Words of a message: identifier, length and time, low and high data. */
const messageWords = ['IR', 'DTR', 'DLR', 'DHR'] as const;

/**
 * bxCAN of STM32F2 and F4 (RM0033 chapter 24, RM0090 chapter 32): initialisation and sleep are acknowledged at once, and in loop-back mode messages go
 * through the filters into the FIFOs. No other node is on the bus: without loop-back nobody acknowledges, and a message stays in its mailbox. A message
 * takes no time.
 */
export const stm32Can: DeviceClass = {
  name: 'stm32-can',
  summary: 'STM32F2 and F4 bxCAN on a bus without other nodes (RM0090 32)',
  size: 0x400,
  interrupts: ['tx', 'rx0', 'rx1', 'sce'],
  create(environment) {
    const interrupts = (['tx', 'rx0', 'rx1', 'sce'] as const).map((name) => environment.interrupt(name));
    /** Messages waiting in each FIFO, four words each. */
    const state: { readonly fifos: [number[][], number[][]] } = { fifos: [[], []] };

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'MCR',
          offset: 0x00,
          reset: 0x0001_0002,
          writable: 0x0001_80ff,
          write: (stored) => {
            if ((stored & RESET) !== 0) {
              state.fifos.forEach((fifo) => fifo.splice(0));
              block.reset({ kind: 'module', source: environment.name });
              return;
            }
            // Initialisation goes before sleep.
            block.set('MSR', (block.get('MSR') & ~(INAK | SLAK)) | ((stored & INRQ) !== 0 ? INAK : (stored & SLEEP) !== 0 ? SLAK : 0));
            transmit();
            update();
          },
        },
        { name: 'MSR', offset: 0x04, access: 'w1c', reset: 0x0c02, writable: 0x1c },
        {
          name: 'TSR',
          offset: 0x08,
          reset: 0x1c00_0000,
          write: (_stored, before, written) => {
            let status = before;
            for (let mailbox = 0; mailbox < mailboxes; mailbox++) {
              const shift = mailbox * 8;
              if ((written & (RQCP << shift)) !== 0) status &= ~(0xf << shift);
              if ((written & (ABRQ << shift)) !== 0 && (block.get(`TIR${mailbox}`) & TXRQ) !== 0) {
                block.set(`TIR${mailbox}`, block.get(`TIR${mailbox}`) & ~TXRQ);
                status = (status & ~(0xf << shift)) | (RQCP << shift);
              }
            }
            block.set('TSR', status >>> 0);
            transmit();
            update();
          },
        },
        {
          name: 'RFR',
          offset: 0x0c,
          count: 2,
          read: (stored, fifo) => stored | (state.fifos[fifo]?.length ?? 0),
          write: (_stored, before, written, fifo) => {
            block.set(`RFR${fifo}`, before & ~(written & (FULL | FOVR)) & ~FMP);
            if ((written & RFOM) !== 0) {
              state.fifos[fifo]?.shift();
              block.set(`RFR${fifo}`, block.get(`RFR${fifo}`) & ~FULL);
              show(fifo);
            }
            update();
          },
        },
        {
          name: 'IER',
          offset: 0x14,
          writable: 0x0003_8f7f,
          write: () => {
            update();
          },
        },
        { name: 'ESR', offset: 0x18, writable: 0x70 },
        {
          name: 'BTR',
          offset: 0x1c,
          reset: 0x0123_0000,
          writable: 0xc37f_03ff,
          write: (_stored, before) => {
            if ((block.get('MSR') & INAK) === 0) block.set('BTR', before);
          },
        },
        ...messageWords.map((word, index): RegisterDescription => ({
          name: `T${word}`,
          offset: 0x180 + index * 4,
          count: mailboxes,
          stride: 16,
          write: () => {
            if (word === 'IR') transmit();
            update();
          },
        })),
        ...messageWords.map((word, index): RegisterDescription => ({ name: `R${word}`, offset: 0x1b0 + index * 4, count: 2, stride: 16, access: 'ro' })),
        { name: 'FMR', offset: 0x200, reset: 0x2a1c_0e01, writable: 0x3f01 },
        { name: 'FM1R', offset: 0x204, writable: 0x0fff_ffff },
        { name: 'FS1R', offset: 0x20c, writable: 0x0fff_ffff },
        { name: 'FFA1R', offset: 0x214, writable: 0x0fff_ffff },
        { name: 'FA1R', offset: 0x21c, writable: 0x0fff_ffff },
        { name: 'FR', offset: 0x240, count: 2 * banks },
      ],
      extra: state,
      reset: () => {
        state.fifos.forEach((fifo) => fifo.splice(0));
        update();
      },
    });

    /** What is asked for goes out, the lowest identifier or, with TXFP, mailbox first. */
    function transmit(): void {
      for (;;) {
        const asked = [...Array(mailboxes).keys()].filter((mailbox) => (block.get(`TIR${mailbox}`) & TXRQ) !== 0);
        let status = block.get('TSR') | 0x1c00_0000;
        for (const mailbox of asked) status &= ~((1 << (26 + mailbox)) | (0xf << (mailbox * 8)));
        block.set('TSR', status >>> 0);
        const byIdentifier = (a: number, b: number): number => (block.get(`TIR${a}`) >>> 1) - (block.get(`TIR${b}`) >>> 1);
        const [mailbox] = (block.get('MCR') & TXFP) !== 0 ? asked : asked.sort(byIdentifier);
        const loopsBack = (block.get('BTR') & LBKM) !== 0;
        if (mailbox === undefined || !loopsBack || (block.get('MSR') & (INAK | SLAK)) !== 0) return;
        block.set(`TIR${mailbox}`, block.get(`TIR${mailbox}`) & ~TXRQ);
        block.set('TSR', (block.get('TSR') | (1 << (26 + mailbox)) | ((RQCP | TXOK) << (mailbox * 8))) >>> 0);
        receive(messageWords.map((word) => block.get(`T${word}${mailbox}`)));
      }
    }

    function receive([identifier = 0, length = 0, low = 0, high = 0]: readonly number[]): void {
      const match = filterMatch(identifier);
      if (match === undefined) return;
      const fifo = state.fifos[match.fifo] ?? [];
      const message = [identifier, (length & 0xf) | (match.index << 8), low, high];
      if (fifo.length < fifoDepth) fifo.push(message);
      else {
        block.set(`RFR${match.fifo}`, block.get(`RFR${match.fifo}`) | FOVR);
        // The last is lost where the FIFO is locked, else it takes the place of the one before.
        if ((block.get('MCR') & RFLM) === 0) fifo[fifoDepth - 1] = message;
      }
      if (fifo.length === fifoDepth) block.set(`RFR${match.fifo}`, block.get(`RFR${match.fifo}`) | FULL);
      show(match.fifo);
    }

    /** The first active filter that lets an identifier pass, by its number within its FIFO (RM0090 32.7.4). */
    function filterMatch(identifier: number): { readonly fifo: number; readonly index: number } | undefined {
      if ((block.get('FMR') & 1) !== 0) return undefined;
      const wide = identifier & ~1;
      // STID[10:0], RTR, IDE, EXID[17:15].
      const narrow = ((identifier >>> 21) << 5) | (((identifier >>> 1) & 1) << 4) | (((identifier >>> 2) & 1) << 3) | ((identifier >>> 18) & 7);
      const counts = [0, 0];
      for (let bank = 0; bank < banks; bank++) {
        const bit = (name: string): boolean => ((block.get(name) >>> bank) & 1) === 1;
        const fifo = bit('FFA1R') ? 1 : 0;
        const [first, second] = [block.get(`FR${2 * bank}`), block.get(`FR${2 * bank + 1}`)];
        const halves = [first & 0xffff, first >>> 16, second & 0xffff, second >>> 16] as const;
        const isList = bit('FM1R');
        const passes = bit('FS1R')
          ? isList
            ? [((first ^ wide) & ~1) === 0, ((second ^ wide) & ~1) === 0]
            : [((first ^ wide) & second & ~1) === 0]
          : isList
            ? halves.map((half) => half === narrow)
            : [((halves[0] ^ narrow) & halves[1]) === 0, ((halves[2] ^ narrow) & halves[3]) === 0];
        const found = passes.indexOf(true);
        if (bit('FA1R') && found >= 0) return { fifo, index: (counts[fifo] ?? 0) + found };
        counts[fifo] = (counts[fifo] ?? 0) + passes.length;
      }
      return undefined;
    }

    /** The oldest message of a FIFO in its mailbox. */
    function show(fifo: number): void {
      const [message] = state.fifos[fifo] ?? [];
      if (message !== undefined) messageWords.forEach((word, index) => block.set(`R${word}${fifo}`, message[index] ?? 0));
    }

    function update(): void {
      const enabled = block.get('IER');
      const received = (fifo: number): boolean => {
        const flags = ((state.fifos[fifo]?.length ?? 0) > 0 ? 1 : 0) | ((block.get(`RFR${fifo}`) & (FULL | FOVR)) >>> 2);
        return (flags & (enabled >>> (1 + 3 * fifo))) !== 0;
      };
      const [tx, rx0, rx1, sce] = interrupts;
      tx?.set((enabled & 1) !== 0 && (block.get('TSR') & 0x0001_0101) !== 0);
      rx0?.set(received(0));
      rx1?.set(received(1));
      sce?.set(false);
    }
    return block;
  },
};
