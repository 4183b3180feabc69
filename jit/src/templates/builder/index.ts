export { buildTemplateSet, hashTemplateSources, readTemplateSources, type TemplateSourceText } from './build.js';
export { serializeTemplateSet } from './serialize.js';
export { openDisassembler, type Disassembler } from './listing.js';
