/** Names of x0 to x31 (RISC-V ELF psABI, chapter 1). */
export const abiNames = [
  'zero',
  'ra',
  'sp',
  'gp',
  'tp',
  't0',
  't1',
  't2',
  's0',
  's1',
  'a0',
  'a1',
  'a2',
  'a3',
  'a4',
  'a5',
  'a6',
  'a7',
  's2',
  's3',
  's4',
  's5',
  's6',
  's7',
  's8',
  's9',
  's10',
  's11',
  't3',
  't4',
  't5',
  't6',
] as const;
export type AbiName = (typeof abiNames)[number];

/** Name of an integer register -> its number; `fp` and `x5` too. */
export function registerNumber(name: string): number | undefined {
  const index = (abiNames as readonly string[]).indexOf(name === 'fp' ? 's0' : name);
  if (index >= 0) return index;
  const match = /^x(\d|[12]\d|3[01])$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export const floatNames: readonly string[] = Array.from({ length: 32 }, (_, number) => `f${number}`);

/** Name of a floating-point register, `f5` -> its number. */
export function floatNumber(name: string): number | undefined {
  const number = floatNames.indexOf(name);
  return number < 0 ? undefined : number;
}
