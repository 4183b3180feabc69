/** Template sets prepared for the compile path: numeric ids, byte arrays, fields as flat masks. */
import { InternalError, InvalidInputError, type Isa } from '@fireball/contracts';
import { derivedFunction } from './derive.js';
import type { Field, Operand } from './field.js';
import { inverseOf } from './inverse.js';
import { masksOf } from './masks.js';
import { archNames, type FieldMapJson, type PatchPointJson, type TemplateJson, type TemplateSetJson } from './schema.js';

/** A template, ready to be patched. */
export class Template {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
  readonly version: number;
  /** The instance in which every field's value is 0. */
  readonly bytes: Uint8Array;
  /** In the order in which values are passed to `patch`. */
  readonly operands: readonly Operand[];
  readonly fields: readonly Field[];
  /** 1 for each bit of `bytes` that no field fills. */
  readonly fixed: Uint8Array;
  /** Operand indices, two by two, that must not be equal. */
  readonly distinct: Int32Array;
  /** Features of the CPU that it needs. */
  readonly requires: readonly string[];
  /** Per operand, the offset of the first instruction that it gets into. */
  private readonly origins: Int32Array;
  /** @param id position in the set: the number that the packed form and debug maps use */
  constructor(
    readonly id: number,
    readonly json: TemplateJson,
    maps: Readonly<Record<string, FieldMapJson>>,
  ) {
    this.name = json.template_id;
    this.size = json.size;
    this.alignment = json.alignment;
    this.version = json.version;
    this.bytes = Uint8Array.from(Buffer.from(json.bytes, 'hex'));
    this.operands = json.operands.map((operand, index) => ({ ...operand, index }));
    this.fields = json.patch_points.map((point) => this.field(point, maps[point.map]));
    this.requires = json.requires;
    this.origins = Int32Array.from(this.operands, ({ index }) => this.fields.find(({ operand }) => operand === index)?.offset ?? -1);
    this.fixed = fixedBits(this.size, this.fields);
    this.distinct = Int32Array.from(json.distinct.flat().map((name) => this.operandIndex(name)));
  }

  /** @throws InternalError if there is no such operand */
  operandIndex(name: string): number {
    const index = this.operands.findIndex((operand) => operand.name === name);
    if (index < 0) throw new InternalError(`template ${this.name} has no operand ${name}`);
    return index;
  }

  /** Number of an enum operand's value, e.g. `enumValue('op', 'add')`. */
  enumValue(operand: string, name: string): number {
    const value = this.operands[this.operandIndex(operand)]?.values?.[name];
    if (value === undefined) throw new InternalError(`template ${this.name}: ${operand} has no value ${name}`);
    return value;
  }

  /** Byte offset, in the template, of the instruction that a relative operand counts from. */
  relativeOrigin(operand: number): number {
    const origin = this.origins[operand];
    if (origin === undefined || origin < 0) throw new InternalError(`template ${this.name}: operand ${operand} has no field`);
    return origin;
  }

  private field(point: PatchPointJson, map: FieldMapJson | undefined): Field {
    if (map === undefined) throw new InternalError(`template ${this.name}: no field map ${point.map}`);
    return {
      offset: point.offset,
      operand: this.operandIndex(point.operand),
      with: point.with === undefined ? -1 : this.operandIndex(point.with),
      compute: point.derive === undefined ? null : derivedFunction(point.derive).compute,
      bias: point.bias ?? 0,
      shift: point.shift ?? 0,
      ...fieldMap(map),
      point,
    };
  }
}

/** What fields of one map have in common. */
type FieldMap = Pick<Field, 'unit' | 'masks' | 'run' | 'footprint' | 'reach' | 'inverse'>;

const fieldMaps = new WeakMap<FieldMapJson, FieldMap>();

function fieldMap(map: FieldMapJson): FieldMap {
  let prepared = fieldMaps.get(map);
  if (prepared === undefined) {
    prepared = prepareMap(map);
    fieldMaps.set(map, prepared);
  }
  return prepared;
}

function prepareMap(map: FieldMapJson): FieldMap {
  const masks = Int32Array.from(masksOf(map));
  return {
    unit: map.unit,
    masks,
    run: consecutiveRun(masks),
    footprint: masks.reduce((all, mask) => all | mask, 0),
    reach: masks.reduce((bits, mask, bit) => (mask === 0 ? bits : bits | (1 << bit)), 0),
    inverse: inverseOf(masks),
  };
}

/** All templates of an instruction set, by number and by name. */
export class TemplateSet {
  readonly templates: readonly Template[];
  private readonly byName: ReadonlyMap<string, Template>;

  /**
   * @param json a validated set (`validateTemplateSet`)
   * @param file where it was read, for messages
   */
  constructor(
    readonly json: TemplateSetJson,
    private readonly file?: string,
  ) {
    this.templates = json.templates.map((template, id) => new Template(id, template, json.maps));
    this.byName = new Map(this.templates.map((template) => [template.name, template]));
  }

  get isa(): Isa {
    return this.json.arch === archNames.thumb2 ? 'thumb2' : 'rv32';
  }

  find(name: string): Template | undefined {
    return this.byName.get(name);
  }

  /** @throws InvalidInputError naming the template, if the set lacks it */
  require(name: string): Template {
    const template = this.byName.get(name);
    if (template === undefined)
      throw new InvalidInputError(`the ${this.isa} template set has no template ${name}`, {
        ...(this.file === undefined ? {} : { file: this.file }),
        hint: 'add it to the set, or use the built-in templates',
      });
    return template;
  }
}

function fixedBits(size: number, fields: readonly Field[]): Uint8Array {
  const fixed = new Uint8Array(size).fill(0xff);
  for (const { offset, unit, footprint } of fields)
    for (let byte = 0; byte < unit; byte++) fixed[offset + byte] = (fixed[offset + byte] ?? 0) & ~(footprint >> (8 * byte));
  return fixed;
}

function consecutiveRun(masks: Int32Array): number {
  const first = 31 - Math.clz32(masks[0] ?? 0);
  return masks.every((mask, bit) => mask === 1 << (first + bit)) ? first : -1;
}
