export type { SvdDevice, SvdField, SvdPeripheral, SvdRange, SvdRegister } from './model.js';
export { readSvd } from './read-svd.js';
