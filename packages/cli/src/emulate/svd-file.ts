import { InvalidInputError, readInputText } from '@fireball/contracts';
import type { Machine } from '@fireball/emulator';
import { readSvd, type SvdDevice } from '@fireball/svd';

/** @throws InvalidInputError with file and line */
export function loadSvd(file: string): SvdDevice {
  const text = readInputText(file);
  try {
    return readSvd(text);
  } catch (error) {
    throw error instanceof InvalidInputError ? error.inFile(file) : error;
  }
}

/** Is a peripheral of the file where the board has a device? */
export function isOfBoard({ peripherals }: SvdDevice, { board }: Machine): boolean {
  return peripherals.some(({ base }) => board.devices.some((device) => device.size > 0 && device.base === base));
}
