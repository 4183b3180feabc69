import type { Clocks } from '../../machine/clocks.js';

/** What an RCC makes of its source: SYSCLK in hertz and the fields of RCC_CFGR that divide it. */
interface ClockTree {
  readonly system: number;
  /** HPRE, 4 bits. */
  readonly ahb: number;
  /** PPRE1, 3 bits. */
  readonly apb1: number;
  /** PPRE2, 3 bits. */
  readonly apb2: number;
}

/** HPRE: /1 below 8, then /2, /4, /8, /16, /64, /128, /256, /512: there is no /32. */
function ahbDivider(field: number): number {
  return field < 8 ? 1 : ([2, 4, 8, 16, 64, 128, 256, 512][field & 7] ?? 1);
}

/** PPRE1, PPRE2: /1 below 4, then /2, /4, /8, /16. */
function apbDivider(field: number): number {
  return field < 4 ? 1 : 2 << (field & 3);
}

/**
 * Sets the board's clocks `cpu` (HCLK), `systick` (HCLK / 8), `pclk1`, `pclk2`, and `timers1`, `timers2`: the timers of a bus that is
 * divided run at twice its clock (clock tree figures of RM0008, RM0033, RM0090).
 */
export function setClocks(clocks: Clocks, { system, ahb, apb1, apb2 }: ClockTree): void {
  const set = (name: string, hertz: number): void => {
    clocks.named(name).hertz = Math.max(1, Math.round(hertz));
  };
  const hclk = system / ahbDivider(ahb);
  set('cpu', hclk);
  set('systick', hclk / 8);
  for (const [bus, divider] of [
    ['1', apbDivider(apb1)],
    ['2', apbDivider(apb2)],
  ] as const) {
    set(`pclk${bus}`, hclk / divider);
    set(`timers${bus}`, divider === 1 ? hclk : (hclk / divider) * 2);
  }
}
