export { derivedFunction, derivedFunctions, isDerivedName, notEncodable, type DerivedFunction, type DerivedName } from './derive.js';
export { allValues, describeDomain, isLegal, randomValue, seededRandom } from './domain.js';
export { partsOf, type Field, type Operand, type WordPart } from './field.js';
export { listTemplates, showTemplate, type TemplateRow } from './format.js';
export { loadTemplates, loadTemplatesFrom } from './load.js';
export { packedSize, packTemplates, unpackTemplates, type PackedField, type PackedTemplates, type UnpackedTemplate, type UnpackedTemplates } from './pack.js';
export {
  archNames,
  schemaVersion,
  type ArchName,
  type FieldMapJson,
  type OperandJson,
  type OperandKind,
  type PatchPointJson,
  type PatchType,
  type TemplateJson,
  type TemplateSetJson,
} from './schema.js';
export { Template, TemplateSet } from './template.js';
export { validateTemplateSet } from './validate.js';
