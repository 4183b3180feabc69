/**
 * Checks a parsed template set: every field's type and range first, then that it is consistent:
 * patch points inside the bytes and masks inside their instruction, no bit filled twice,
 * every operand used, names unique. A set that passes cannot make the patcher write elsewhere.
 */
import { UnsupportedError } from '@fireball/contracts';
import { derivedFunction, derivedFunctions, isDerivedName, type DerivedName } from './derive.js';
import { allValues, hasLegalValue, rangeBits } from './domain.js';
import { masksOf } from './masks.js';
import {
  archNames,
  operandKinds,
  patchTypes,
  schemaVersion,
  type ArchName,
  type FieldMapJson,
  type OperandJson,
  type PatchPointJson,
  type TemplateJson,
  type TemplateSetJson,
} from './schema.js';
import { checkInteger, problem, Shape } from './shape.js';

const maxTemplateSize = 1024;
/** What the core has a bit for, of one template and of a set. */
const mostOperands = 32;
const mostFeatures = 31;
const int32Min = -0x8000_0000;
const uint32Max = 0xffff_ffff;
const derivedNames = Object.keys(derivedFunctions).filter(isDerivedName);

/**
 * @throws InvalidInputError naming template and field
 * @throws UnsupportedError for another schema version
 */
export function validateTemplateSet(json: unknown): TemplateSetJson {
  const set = Shape.of(json, 'template set');
  const schema = set.integer('schema', 1, uint32Max);
  if (schema !== schemaVersion) throw new UnsupportedError(`template schema version ${schema}`, { hint: `this build reads version ${schemaVersion}` });
  set.only(['schema', 'arch', 'inputs_hash', 'assembler', 'maps', 'templates']);
  const arch = set.oneOf('arch', Object.values(archNames));
  if (!/^[0-9a-f]{64}$/.test(set.text('inputs_hash'))) set.fail('inputs_hash', 'a SHA-256 in hexadecimal expected');
  const maps: Record<string, FieldMapJson> = {};
  for (const [name, map] of set.entries('maps')) maps[name] = readMap(map, `map ${name}`);
  const templates = set.list('templates').map((template, index) => readTemplate(template, index, arch, maps));
  const names = new Set<string>();
  for (const { template_id } of templates) {
    if (names.has(template_id)) throw problem(`template ${template_id}`, 'defined twice');
    names.add(template_id);
  }
  const features = new Set(templates.flatMap(({ requires }) => requires));
  if (features.size > mostFeatures) throw problem('template set', `${features.size} words in requires, at most ${mostFeatures} can be there`);
  return {
    schema: schemaVersion,
    arch,
    inputs_hash: set.text('inputs_hash'),
    assembler: set.text('assembler'),
    maps,
    templates,
  };
}

function readMap(json: unknown, where: string): FieldMapJson {
  const map = Shape.of(json, where);
  map.only(['unit', 'masks']);
  const size = map.integer('unit', 2, 4);
  const unit = size === 2 || size === 4 ? size : map.fail('unit', '2 or 4 expected');
  const masks = map.texts('masks');
  if (masks.length < 1 || masks.length > 32) map.fail('masks', '1 to 32 masks expected');
  for (const mask of masks)
    if (!/^[0-9a-f]{1,8}$/.test(mask) || parseInt(mask, 16) >= 2 ** (8 * unit)) map.fail('masks', `${mask} is no mask of ${unit} bytes`);
  return { unit, masks };
}

function readTemplate(json: unknown, index: number, arch: ArchName, maps: Readonly<Record<string, FieldMapJson>>): TemplateJson {
  const name = Shape.of(json, `template ${index}`).text('template_id');
  const shape = Shape.of(json, `template ${name}`);
  shape.only([
    'template_id',
    'arch',
    'version',
    'cpu',
    'size',
    'alignment',
    'doc',
    'bytes',
    'operands',
    'patch_points',
    'inputs',
    'outputs',
    'clobbers',
    'distinct',
    'requires',
    'listing',
  ]);
  if (!/^[a-z][a-z0-9_]*$/.test(name)) shape.fail('template_id', 'lower-case letters, digits and _ expected');
  if (shape.oneOf('arch', Object.values(archNames)) !== arch) shape.fail('arch', `differs from the set's ${arch}`);
  const size = shape.integer('size', 2, maxTemplateSize);
  const alignment = shape.integer('alignment', 2, 4);
  if (alignment === 3) shape.fail('alignment', '2 or 4 expected');
  if (size % 2 !== 0) shape.fail('size', 'a multiple of 2 expected');
  const bytes = shape.text('bytes');
  if (!/^([0-9a-f]{2})*$/.test(bytes)) shape.fail('bytes', 'hexadecimal bytes expected');
  if (bytes.length !== 2 * size) shape.fail('bytes', `${bytes.length / 2} bytes, size says ${size}`);

  const operands = shape.list('operands').map((operand, at) => readOperand(operand, `template ${name}, operand ${at}`));
  if (operands.length > mostOperands) shape.fail('operands', `${operands.length} of them, at most ${mostOperands} can be there`);
  const known = new Set<string>();
  for (const operand of operands) {
    if (known.has(operand.name)) shape.fail('operands', `${operand.name} is declared twice`);
    known.add(operand.name);
  }
  const points = shape.list('patch_points').map((point, at) => readPatchPoint(point, `template ${name}, patch point ${at}`, operands, maps));
  checkScatter(shape, size, points, operands, maps);
  const distinct = shape.list('distinct').map((pair): [string, string] => {
    const names = Array.isArray(pair) ? (pair as unknown[]) : [];
    const [a, b] = names;
    if (names.length !== 2 || typeof a !== 'string' || typeof b !== 'string' || !known.has(a) || !known.has(b))
      return shape.fail('distinct', 'pairs of operand names expected');
    return [a, b];
  });
  return {
    template_id: name,
    arch,
    version: shape.integer('version', 1, 0xffff),
    cpu: shape.text('cpu'),
    size,
    alignment,
    doc: shape.text('doc'),
    bytes,
    operands,
    patch_points: points,
    inputs: shape.texts('inputs'),
    outputs: shape.texts('outputs'),
    clobbers: shape.texts('clobbers'),
    distinct,
    requires: shape.texts('requires'),
    listing: shape.texts('listing'),
  };
}

function readOperand(json: unknown, where: string): OperandJson {
  const shape = Shape.of(json, where);
  shape.only(['name', 'kind', 'min', 'max', 'step', 'excluded', 'values', 'least']);
  const kind = shape.oneOf('kind', operandKinds);
  const min = shape.integer('min', int32Min, uint32Max);
  const max = shape.integer('max', min, uint32Max);
  if (shape.has('values') !== (kind === 'enum')) shape.fail('values', 'belongs to enum operands, and only there');
  if (shape.has('least') !== (kind === 'reglist')) shape.fail('least', 'belongs to reglist operands, and only there');
  const operand: OperandJson = {
    name: shape.text('name'),
    kind,
    min,
    max,
    ...(shape.has('step') ? { step: shape.integer('step', 1, uint32Max) } : {}),
    ...(shape.has('excluded') ? { excluded: shape.integers('excluded', int32Min, uint32Max) } : {}),
    ...(kind === 'enum' ? { values: readEnum(shape, min, max) } : {}),
    ...(kind === 'reglist' ? { least: shape.integer('least', 1, 31) } : {}),
  };
  if (kind !== 'reglist' && !hasLegalValue(operand, 4096)) shape.fail('min', 'no value is legal');
  if ((kind === 'reg' || kind === 'freg') && (min < 0 || max > 31)) shape.fail('max', 'register numbers are 0..31');
  if (kind === 'reglist' && (min !== 0 || max > 0x7fff_ffff)) shape.fail('max', 'a mask of registers 0..30 expected');
  return operand;
}

function readEnum(shape: Shape, min: number, max: number): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [name, value] of shape.entries('values'))
    values[name] = checkInteger(value, Math.max(0, min), Math.min(max, 4095), `${shape.where}, values.${name}`);
  if (Object.keys(values).length === 0) shape.fail('values', 'at least one expected');
  return values;
}

function readPatchPoint(json: unknown, where: string, operands: readonly OperandJson[], maps: Readonly<Record<string, FieldMapJson>>): PatchPointJson {
  const shape = Shape.of(json, where);
  shape.only(['offset', 'type', 'operand', 'map', 'shift', 'derive', 'with', 'bias']);
  const operandOf = (field: string): string => {
    const name = shape.text(field);
    return operands.some((operand) => operand.name === name) ? name : shape.fail(field, `no operand ${name}`);
  };
  const map = shape.text('map');
  if (!Object.hasOwn(maps, map)) shape.fail('map', `no map ${map}`);
  const derive: DerivedName | undefined = shape.has('derive') ? shape.oneOf('derive', derivedNames) : undefined;
  const arity = derive === undefined ? 1 : derivedFunction(derive).arity;
  if (shape.has('with') !== (arity === 2)) shape.fail('with', 'belongs to two-operand derived functions, and only there');
  if (derive !== undefined && shape.has('bias')) shape.fail('bias', 'not together with derive');
  return {
    offset: shape.integer('offset', 0, maxTemplateSize),
    type: shape.oneOf('type', patchTypes),
    operand: operandOf('operand'),
    map,
    ...(shape.has('shift') ? { shift: shape.integer('shift', 0, 31) } : {}),
    ...(derive === undefined ? {} : { derive }),
    ...(arity === 2 ? { with: operandOf('with') } : {}),
    ...(shape.has('bias') ? { bias: shape.integer('bias', -8, 8) } : {}),
  };
}

/**
 * No bit belongs to two patch points, every operand reaches the code, no map reads beyond its value,
 * and no value loses bits on the way: a range wider than its field would be truncated silently.
 */
function checkScatter(
  shape: Shape,
  size: number,
  points: readonly PatchPointJson[],
  operands: readonly OperandJson[],
  maps: Readonly<Record<string, FieldMapJson>>,
): void {
  const taken = new Uint8Array(size);
  const used = new Set<string>();
  points.forEach((point, at) => {
    const map = maps[point.map];
    const operand = operands.find(({ name }) => name === point.operand);
    if (map === undefined || operand === undefined) return;
    if (point.offset % 2 !== 0 || point.offset + map.unit > size)
      shape.fail(`patch point ${at}`, `offset ${point.offset} is not an instruction of the ${size} bytes`);
    const bias = point.bias ?? 0;
    const bits = point.derive === undefined ? rangeBits(operand.min - bias, operand.max - bias) : derivedFunction(point.derive).bits;
    if ((point.shift ?? 0) + map.masks.length > bits) shape.fail(`patch point ${at}`, `the map takes more than the ${bits} bits of ${point.operand}`);
    const footprint = masksOf(map).reduce((all, mask) => all | mask, 0);
    for (let byte = 0; byte < map.unit; byte++) {
      const own = (footprint >>> (8 * byte)) & 0xff;
      const index = point.offset + byte;
      if (((taken[index] ?? 0) & own) !== 0) shape.fail(`patch point ${at}`, `fills bits of byte ${index} a second time`);
      taken[index] = (taken[index] ?? 0) | own;
    }
    used.add(point.operand);
    if (point.with !== undefined) used.add(point.with);
  });
  for (const operand of operands) {
    if (!used.has(operand.name)) shape.fail('patch_points', `operand ${operand.name} is in none`);
    checkReach(
      shape,
      operand,
      points.filter((point) => point.operand === operand.name || point.with === operand.name),
      maps,
    );
  }
}

/** Every bit in which legal values differ is in a patch point; enum values stay apart. Derived values have their own checks. */
function checkReach(shape: Shape, operand: OperandJson, points: readonly PatchPointJson[], maps: Readonly<Record<string, FieldMapJson>>): void {
  if (points.some((point) => point.derive !== undefined)) return;
  const masksAt = (point: PatchPointJson): readonly number[] => masksOf(maps[point.map]!);
  if (operand.kind === 'enum') {
    const written = (value: number): string =>
      points.map((point) => masksAt(point).reduce((word, mask, bit) => ((value >> (bit + (point.shift ?? 0))) & 1 ? word ^ mask : word), 0)).join();
    const values = new Set(Object.values(operand.values ?? {}));
    if (new Set([...values].map(written)).size !== values.size) shape.fail('patch_points', `values of ${operand.name} give the same code`);
    return;
  }
  let reached = 0;
  for (const point of points)
    masksAt(point).forEach((mask, bit) => {
      if (mask !== 0) reached |= 1 << (bit + (point.shift ?? 0));
    });
  const lost = varyingBits(operand, points[0]?.bias ?? 0) & ~reached;
  if (lost !== 0) shape.fail('patch_points', `bit ${31 - Math.clz32(lost)} of ${operand.name} is in none`);
}

/** The bits of the two's complement field, after the bias, in which legal values differ. */
function varyingBits(operand: OperandJson, bias: number): number {
  if (operand.kind === 'reglist') return operand.max;
  const bits = rangeBits(operand.min - bias, operand.max - bias);
  const field = bits === 32 ? -1 : (1 << bits) - 1;
  const [first = 0, ...rest] = allValues(operand, 64) ?? [];
  if (rest.length > 0) return field & rest.reduce((all, value) => all | ((value - bias) ^ (first - bias)), 0);
  const step = operand.step ?? 1;
  return field & -(step & -step);
}
