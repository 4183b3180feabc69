export { patch } from './patch.js';
export { PatchError } from './errors.js';
