export { checkTemplates, randomValues, type TemplateCheck } from './check.js';
export { fieldValue, patch } from './patch.js';
export { keepsFixedBits, readField, readFields } from './read.js';
export { PatchError } from './errors.js';
