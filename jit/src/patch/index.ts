export { checkTemplates, randomValues, type TemplateCheck } from './check.js';
export { fieldValue, patch, refusal } from './patch.js';
export { readFields } from './read.js';
export { PatchError } from './errors.js';
