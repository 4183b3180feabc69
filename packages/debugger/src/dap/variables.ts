import { hex, UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { devicesOf, valueOfField, valueOfRegister, type Device, type NamedRegister } from '../session/devices.js';
import { wordAt, type Frame } from '../session/frames.js';
import { formatWords, Values, type Variable } from '../session/values.js';
import { formatNumber } from '../shell/format.js';
import type { ExpressionValue } from '../shell/expression.js';
import { formatInside, formatObject } from '../variables/format-object.js';
import { describeType, hasInside, insideOf, type InsideObject } from '../variables/inside-object.js';
import type { Debuggee } from '../hub/debuggee.js';

const scopes = ['Source locals', 'Locals', 'Operand stack', 'Globals', 'Template', 'Registers', 'Linear memories', 'Devices'] as const;
type ScopeName = (typeof scopes)[number];

/** Shown of the innermost frame only: others have no registers and no template of their own. */
const innermostOnly: readonly ScopeName[] = ['Template', 'Registers', 'Devices'];

/** References of what is inside of a scope: kind and number. Those of scopes are below. */
const insides = { memory: 1 << 28, device: 2 << 28, register: 3 << 28, object: 4 << 28 } as const;
/** Words of the record of a linear memory, in their order. */
const recordWords = ['bytes', 'base', 'most pages', 'bytes of a page'] as const;

/** Most variables of the source that clients may ask for the insides of. */
const mostObjects = 100_000;

/** A variable of the source, or a part of one, and the activation that it is of. */
interface Shown extends InsideObject {
  readonly frame: number;
}

/** A register of a device that a client has asked about. */
type FoundRegister = Pick<NamedRegister, 'address' | 'size'>;

/** What frames contain, as clients ask for it. References hold until the program runs on. */
export class VariableViews {
  readonly #values: Values;
  #devices: readonly Device[] | undefined;
  /** Variables of the source whose insides clients may ask for, after so many instructions. What is written there leaves them as they are. */
  #objects: { readonly at: number; readonly all: Shown[] } = { at: 0, all: [] };

  constructor(private readonly debuggee: Debuggee) {
    const { target, view } = debuggee.session;
    this.#values = new Values(target, view);
  }

  /** Those of a board stay the same. */
  get #board(): readonly Device[] {
    return (this.#devices ??= devicesOf(this.debuggee.session.target));
  }

  get #registers(): readonly NamedRegister[] {
    return this.#board.flatMap(({ registers }) => registers);
  }

  /** @param frame its place in the backtrace */
  scopes(frame: number): DebugProtocol.Scope[] {
    const isFirmware = this.debuggee.session.view.functions.length === 0;
    const { variables } = this.debuggee.session.sources;
    const has = (name: ScopeName): boolean =>
      name === 'Source locals' ? variables !== undefined : name === 'Devices' ? this.#board.length > 0 : name === 'Registers' || !isFirmware;
    return scopes
      .filter((name) => has(name) && (frame === 0 || !innermostOnly.includes(name)))
      .map((name) => ({
        name,
        variablesReference: frame * scopes.length + scopes.indexOf(name) + 1,
        expensive: name === 'Registers' || name === 'Devices',
        ...(name === 'Locals' || name === 'Source locals' ? { presentationHint: 'locals' } : name === 'Registers' ? { presentationHint: 'registers' } : {}),
      }));
  }

  /** Frame and scope of a reference; undefined for what is inside of one. @throws UsageError for one that there is not */
  scopeOf(reference: number): { readonly frame: number; readonly name: ScopeName } | undefined {
    if (reference >= insides.memory) return undefined;
    const name = scopes[(reference - 1) % scopes.length];
    if (reference < 1 || name === undefined) throw new UsageError(`there are no variables ${reference}`);
    return { frame: Math.floor((reference - 1) / scopes.length), name };
  }

  /** The activation that variables are of: the innermost one where they are of none. @throws UsageError as `scopeOf` */
  frameOf(reference: number): number {
    const scope = this.scopeOf(reference);
    return scope?.frame ?? this.#objects.all[reference - insides.object]?.frame ?? 0;
  }

  /** Are variables behind a reference those of C or Rust, or what is in them? @throws UsageError as `scopeOf` */
  areOfSource(reference: number): boolean {
    return reference >= insides.object || this.scopeOf(reference)?.name === 'Source locals';
  }

  /** The register of a device that is shown by a name behind a reference. */
  registerAt(reference: number, name: string): FoundRegister | undefined {
    const device = reference >= insides.device ? this.#board[reference - insides.device] : undefined;
    return device?.registers.find(({ ownName }) => ownName === name);
  }

  async variables(reference: number): Promise<DebugProtocol.Variable[]> {
    const scope = this.scopeOf(reference);
    if (scope === undefined) return this.#inside(reference);
    const { frame: index, name } = scope;
    const { session } = this.debuggee;
    const frame = session.inspect()[index];
    if (frame === undefined) throw new UsageError(`there is no frame ${index}`);
    switch (name) {
      case 'Source locals':
        return (session.sources.variables?.of(frame) ?? []).map((variable) => this.#variable(variable, index));
      case 'Locals':
        return this.#values.locals(frame).map((variable, local) => shown(variable, `l${local}`));
      case 'Operand stack':
        return this.#values.operands(frame).map((variable, operand) => shown(variable, `o${operand}`));
      case 'Globals':
        return this.#values.globals().map((variable, global) => shown(variable, `g${global}`));
      case 'Template':
        return this.#template(frame);
      case 'Registers':
        return session.target.registers.map((register) => {
          const text = `0x${session.target
            .readRegister(register.name)
            .toString(16)
            .padStart(register.bits / 4, '0')}`;
          return { name: register.name, value: text, variablesReference: 0, evaluateName: register.name, memoryReference: text };
        });
      case 'Linear memories':
        return session.view.memories.map((base, memory) => ({
          name: `memory ${memory}`,
          value: `at ${hex(base, 1)}`,
          variablesReference: insides.memory + memory,
          memoryReference: hex(base, 1),
        }));
      case 'Devices':
        return this.#board.map((device, index) => ({
          name: device.name,
          value: `at ${hex(device.base, 1)}`,
          variablesReference: insides.device + index,
          memoryReference: hex(device.base, 1),
        }));
    }
  }

  /** The value of an expression in an activation, with what is inside of it. */
  evaluated(value: ExpressionValue, frame: number): { readonly result: string; readonly variablesReference: number; readonly type?: string } {
    if (typeof value !== 'object') return { result: typeof value === 'bigint' ? formatNumber(value) : String(value), variablesReference: 0 };
    const reference = this.#referenceOf({ name: '', evaluateName: undefined, object: value, frame });
    return { result: formatObject(value), type: describeType(value), variablesReference: reference };
  }

  #variable(part: InsideObject, frame: number): DebugProtocol.Variable {
    const { name, evaluateName, object } = part;
    const meant = evaluateName === undefined ? {} : { evaluateName };
    return { name, value: formatInside(object), type: describeType(object), variablesReference: this.#referenceOf({ ...part, frame }), ...meant };
  }

  #referenceOf(shown: Shown): number {
    if (!hasInside(shown.object)) return 0;
    const { instructions } = this.debuggee.session.target;
    if (this.#objects.at !== instructions || this.#objects.all.length >= mostObjects) this.#objects = { at: instructions, all: [] };
    return insides.object + this.#objects.all.push(shown) - 1;
  }

  #insideObject(index: number): DebugProtocol.Variable[] {
    const shown = this.#objects.all[index];
    if (shown === undefined) throw new UsageError('there are no such variables any more: the program has gone on');
    return insideOf(shown.object, shown.evaluateName).map((part) => this.#variable(part, shown.frame));
  }

  #inside(reference: number): DebugProtocol.Variable[] {
    if (reference >= insides.object) return this.#insideObject(reference - insides.object);
    const found =
      reference >= insides.register
        ? this.#fields(this.#registers[reference - insides.register])
        : reference >= insides.device
          ? this.#registersOf(this.#board[reference - insides.device])
          : this.#record(this.debuggee.session.view.memoryRecords[reference - insides.memory]);
    if (found === undefined) throw new UsageError(`there are no variables ${reference}`);
    return found;
  }

  /** The record of a linear memory, as generated code finds it. */
  #record(address: number | undefined): DebugProtocol.Variable[] | undefined {
    if (address === undefined) return undefined;
    const { target } = this.debuggee.session;
    return recordWords.map((name, index) => {
      const word = wordAt(target, address + 4 * index);
      return {
        name,
        value: word === undefined ? 'gone' : formatNumber(BigInt.asUintN(32, BigInt(word))),
        variablesReference: 0,
        memoryReference: hex(address + 4 * index, 1),
      };
    });
  }

  #registersOf(device: Device | undefined): DebugProtocol.Variable[] | undefined {
    const { target } = this.debuggee.session;
    return device?.registers.map((register) => {
      const value = valueOfRegister(target, register);
      const hasFields = value !== undefined && (target.deviceFields?.(register) ?? []).length > 0;
      return {
        name: register.ownName,
        value: value === undefined ? 'not read: that may have an effect' : `0x${value.toString(16).padStart(2 * register.size, '0')}`,
        variablesReference: hasFields ? insides.register + this.#registers.findIndex(({ address }) => address === register.address) : 0,
        memoryReference: hex(register.address, 1),
      };
    });
  }

  #fields(register: NamedRegister | undefined): DebugProtocol.Variable[] | undefined {
    if (register === undefined) return undefined;
    const { target } = this.debuggee.session;
    const value = valueOfRegister(target, register);
    if (value === undefined) return [];
    return (target.deviceFields?.(register) ?? []).map((field) => ({
      name: field.name,
      value: formatNumber(valueOfField(value, field)),
      type: field.bits === 1 ? `bit ${field.lowest}` : `bits ${field.lowest + field.bits - 1}:${field.lowest}`,
      variablesReference: 0,
    }));
  }

  /** The template that the innermost frame stands in, and how its holes are filled. */
  async #template({ code, pc }: Frame): Promise<DebugProtocol.Variable[]> {
    if (code === undefined) return [];
    const site = (await code.listing()).filter(({ address }) => address <= pc).at(-1);
    if (site === undefined) return [];
    const holes = Object.entries(site.holes).map(([hole, value]) => ({ name: hole, value: String(value), variablesReference: 0 }));
    const trap = site.trap === null ? [] : [{ name: 'trap', value: site.trap, variablesReference: 0 }];
    return [{ name: 'template', value: site.template, variablesReference: 0, memoryReference: hex(site.address, 1) }, ...holes, ...trap];
  }
}

function shown({ name, type, words, place, dead }: Variable, evaluateName: string): DebugProtocol.Variable {
  const gone = dead ? 'gone: nothing reads it any more' : 'gone';
  return {
    name,
    value: words === undefined ? gone : formatWords(type, words),
    type: words === undefined ? (type ?? '') : `${type ?? ''} in ${place}`.trim(),
    variablesReference: 0,
    evaluateName,
  };
}
