import type { RegisterDescription } from '../machine/register-block.js';

/** Component identification of Arm's peripherals, the last four words below 0x1000 (DDI0479D 3.4.1 and others). */
const component = [0x0d, 0xf0, 0x05, 0xb1];

/** Identification registers up to 0xffc: `peripheral` are the bytes in front of the component's, from the lowest address on. */
export function identification(peripheral: readonly number[]): RegisterDescription {
  const bytes = [...peripheral, ...component];
  return { name: 'ID', offset: 0x1000 - 4 * bytes.length, count: bytes.length, access: 'ro', steady: true, read: (_stored, index) => bytes[index] ?? 0 };
}

/** Of the CMSDK's parts, which differ in the first one: PID4 to PID7, then PID0 to PID3. */
export function cmsdkIdentification(part: number): RegisterDescription {
  return identification([0x04, 0, 0, 0, part, 0xb8, 0x1b, 0]);
}
