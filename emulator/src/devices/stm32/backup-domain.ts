import type { Clock } from '../../machine/clocks.js';
import type { DeviceEnvironment, ResetCause } from '../../machine/device.js';
import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

/** The 32,768 Hz crystal. */
const lseHertz = 32_768;

/**
 * RCC_BDCR and RCC_CSR, the same in all three series (RM0008 7.3.9 and 7.3.10, RM0041 6.3.9, RM0033 5.3.20, RM0090 7.3.20): LSE, LSI and
 * the choice of the RTC's clock, which only the backup domain's own reset clears; the flags that say why the chip was reset.
 */
interface BackupDomain {
  readonly registers: readonly RegisterDescription[];
  /** What the RTC's clock is when RTCSEL is 3: HSE divided. */
  update(dividedHse: number): void;
  reset(cause: ResetCause): void;
}

interface BackupDomainOptions {
  /** Offsets of the registers. */
  readonly bdcr: number;
  readonly csr: number;
  /** BORRSTF, where there is one. */
  readonly brownOut: number;
  readonly block: () => RegisterBlock;
  readonly changed: () => void;
}

const flags = { pin: 1 << 26, powerOn: 1 << 27, software: 1 << 28, independent: 1 << 29, window: 1 << 30 };

export function backupDomain(environment: DeviceEnvironment, options: BackupDomainOptions): BackupDomain {
  const writeProtection = environment.wire('pwr.dbp');
  const rtcEnable = environment.wire('rtc.enable');
  const watchdogRuns = environment.wire('iwdg.running');
  const rtcClock = (): Clock => environment.clocks.named('rtc');
  const lsi = environment.clocks.named('lsi').hertz;
  watchdogRuns.onChange(() => {
    options.changed();
  });
  const registers: RegisterDescription[] = [
    {
      name: 'BDCR',
      offset: options.bdcr,
      lasting: true,
      writable: 0x0001_8305,
      fields: { LSEON: [0, 0], LSERDY: [1, 1], LSEBYP: [2, 2], RTCSEL: [9, 8], RTCEN: [15, 15], BDRST: [16, 16] },
      write: (stored, before) => {
        const block = options.block();
        if (!writeProtection.level) {
          environment.warn('a write to RCC_BDCR is ignored: PWR_CR.DBP is not set');
          block.set('BDCR', before);
          return;
        }
        // RTCSEL can be written once; only the reset of the backup domain allows another choice.
        const chosen = before & 0x300;
        const value = chosen === 0 ? stored : (stored & ~0x300) | chosen;
        block.set('BDCR', (stored & (1 << 16)) === 0 ? value : 1 << 16);
        if ((stored & (1 << 16)) !== 0) for (const name of ['rtc', 'bkp']) environment.resetDevice(name);
        options.changed();
      },
    },
    {
      name: 'CSR',
      offset: options.csr,
      lasting: true,
      reset: flags.pin | flags.powerOn | options.brownOut,
      writable: 0x0100_0001,
      fields: {
        LSION: [0, 0],
        LSIRDY: [1, 1],
        RMVF: [24, 24],
        PINRSTF: [26, 26],
        PORRSTF: [27, 27],
        SFTRSTF: [28, 28],
        IWDGRSTF: [29, 29],
        WWDGRSTF: [30, 30],
        LPWRRSTF: [31, 31],
      },
      write: (stored) => {
        if ((stored & (1 << 24)) !== 0) options.block().set('CSR', stored & 0x3);
        options.changed();
      },
    },
  ];
  return {
    registers,
    update(dividedHse) {
      const block = options.block();
      const bdcr = block.get('BDCR');
      const lseOn = (bdcr & 1) !== 0;
      block.set('BDCR', lseOn ? bdcr | 2 : bdcr & ~2);
      const csr = block.get('CSR');
      const lsiOn = (csr & 1) !== 0 || watchdogRuns.level;
      block.set('CSR', lsiOn ? csr | 2 : csr & ~2);
      const source = [0, lseOn ? lseHertz : 0, lsiOn ? lsi : 0, dividedHse][block.field('BDCR', 'RTCSEL')] ?? 0;
      if (source > 0) rtcClock().hertz = Math.round(source);
      rtcEnable.set(source > 0 && block.field('BDCR', 'RTCEN') === 1);
    },
    reset({ kind, source }) {
      // Behind Standby mode PWR_CSR tells. LSI goes on in it.
      if (kind === 'standby') return;
      const block = options.block();
      // LSION is cleared by every reset, the flags add up until RMVF.
      const kept = block.get('CSR') & ~3;
      const why = kind === 'power-on' ? 0 : kind === 'watchdog' ? (source === 'wwdg' ? flags.window : flags.independent) : flags.software;
      // Every internal reset also pulls the NRST pin low (RM0008 figure 4).
      block.set('CSR', kept | why | flags.pin);
    },
  };
}
