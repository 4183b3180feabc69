import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

/** Of GRSTCTL. Resets and flushes end at once, and the AHB is always idle. */
const CSRST = 1 << 0;
const AHBIDL = 0x8000_0000;
const TXFNUM = 0x7c0;
/** Those bits of GINTSTS that ones clear. */
const eventFlags = 0xf030_fc0a;
/** Of an endpoint's control register. */
const NAKSTS = 1 << 17;
const [CNAK, SNAK, EPDIS, EPENA] = [1 << 26, 1 << 27, 1 << 30, 0x8000_0000];
const EPDISD = 1 << 1;
const endpoints = 4;

/**
 * USB on-the-go full speed of STM32 F2 and F4 (RM0090 chapter 34), with nothing plugged in: firmware sets it up and waits for a host that does not
 * come. Nothing is received, what is put into FIFOs stays there, and there are no interrupts.
 */
export const stm32OtgFs: DeviceClass = {
  name: 'stm32-otg-fs',
  summary: 'STM32 USB OTG_FS without a cable (RM0090 34)',
  size: 0x4_0000,
  create(environment) {
    const endpoint = (direction: 'I' | 'O', offset: number): RegisterDescription[] => [
      {
        name: `D${direction}EPCTL`,
        offset,
        count: endpoints,
        stride: 0x20,
        writable: 0x003f_87ff,
        reset: 0,
        write: (stored, _before, written, index) => {
          const nak = (written & SNAK) !== 0 ? stored | NAKSTS : (written & CNAK) !== 0 ? stored & ~NAKSTS : stored;
          const enabled = (written & EPDIS) !== 0 ? nak & ~EPENA : nak | (written & EPENA);
          block.set(`D${direction}EPCTL${index}`, enabled >>> 0);
          if ((written & EPDIS) !== 0) block.set(`D${direction}EPINT${index}`, block.get(`D${direction}EPINT${index}`) | EPDISD);
        },
      },
      { name: `D${direction}EPINT`, offset: offset + 0x08, count: endpoints, stride: 0x20, access: 'w1c', reset: 0x80, writable: 0x1b },
      { name: `D${direction}EPTSIZ`, offset: offset + 0x10, count: endpoints, stride: 0x20, writable: 0x7fff_ffff },
    ];
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'GOTGCTL', offset: 0x000, reset: 0x800, writable: 0x0f02 },
        { name: 'GOTGINT', offset: 0x004, access: 'w1c' },
        { name: 'GAHBCFG', offset: 0x008, writable: 0x181 },
        { name: 'GUSBCFG', offset: 0x00c, reset: 0xa00, writable: 0xe000_3f47 },
        {
          name: 'GRSTCTL',
          offset: 0x010,
          reset: AHBIDL,
          writable: TXFNUM,
          fields: { CSRST: [0, 0], HSRST: [1, 1], FCRST: [2, 2], RXFFLSH: [4, 4], TXFFLSH: [5, 5], TXFNUM: [10, 6], AHBIDL: [31, 31] },
          write: (_stored, _before, written) => {
            if ((written & CSRST) !== 0) resetCore();
          },
        },
        { name: 'GINTSTS', offset: 0x014, access: 'w1c', reset: 0x0400_0020, writable: eventFlags },
        { name: 'GINTMSK', offset: 0x018, writable: 0xf77e_fcfe },
        { name: 'GRXSTSR', offset: 0x01c, access: 'ro' },
        { name: 'GRXSTSP', offset: 0x020, access: 'ro' },
        { name: 'GRXFSIZ', offset: 0x024, reset: 0x200, writable: 0xffff },
        { name: 'DIEPTXF0', offset: 0x028, reset: 0x200 },
        { name: 'HNPTXSTS', offset: 0x02c, access: 'ro', reset: 0x0008_0200 },
        { name: 'GCCFG', offset: 0x038, writable: 0x003d_0000 },
        { name: 'CID', offset: 0x03c, reset: 0x1200 },
        { name: 'HPTXFSIZ', offset: 0x100, reset: 0x0200_0600 },
        { name: 'DIEPTXF', offset: 0x104, count: endpoints - 1, reset: 0x0200_0400 },
        { name: 'HCFG', offset: 0x400, writable: 3 },
        { name: 'HFIR', offset: 0x404, reset: 0xea60, writable: 0xffff },
        { name: 'HFNUM', offset: 0x408, access: 'ro', reset: 0x3fff },
        { name: 'HAINT', offset: 0x414, access: 'ro' },
        { name: 'HAINTMSK', offset: 0x418, writable: 0xffff },
        { name: 'HPRT', offset: 0x440, writable: 0x0001_f140 },
        { name: 'DCFG', offset: 0x800, reset: 0x0220_0000, writable: 0x0000_1ff7 },
        { name: 'DCTL', offset: 0x804, writable: 0x0073 },
        { name: 'DSTS', offset: 0x808, access: 'ro', reset: 0x10 },
        { name: 'DIEPMSK', offset: 0x810, writable: 0x7b },
        { name: 'DOEPMSK', offset: 0x814, writable: 0x1b },
        { name: 'DAINT', offset: 0x818, access: 'ro' },
        { name: 'DAINTMSK', offset: 0x81c },
        { name: 'DVBUSDIS', offset: 0x828, reset: 0x17d7, writable: 0xffff },
        { name: 'DVBUSPULSE', offset: 0x82c, reset: 0x5b8, writable: 0xfff },
        { name: 'DIEPEMPMSK', offset: 0x834, writable: 0xffff },
        ...endpoint('I', 0x900),
        { name: 'DTXFSTS', offset: 0x918, count: endpoints, stride: 0x20, access: 'ro', reset: 0x200 },
        ...endpoint('O', 0xb00),
        { name: 'PCGCCTL', offset: 0xe00, writable: 0x13 },
      ],
    });

    /** 34.16.2, CSRST: all registers but the choice of speeds and PCGCCTL. */
    function resetCore(): void {
      const kept = { PCGCCTL: block.get('PCGCCTL'), HCFG: block.get('HCFG'), DCFG: block.get('DCFG') & 3 };
      block.reset();
      block.set('PCGCCTL', kept.PCGCCTL);
      block.set('HCFG', kept.HCFG);
      block.set('DCFG', (block.get('DCFG') & ~3) | kept.DCFG);
    }
    return block;
  },
};
