import { UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Frame } from '../session/frames.js';
import { formatWords, Values, type Variable } from '../session/values.js';
import type { Debuggee } from '../hub/debuggee.js';

const scopes = ['Locals', 'Operand stack', 'Globals', 'Template', 'Registers', 'Linear memories'] as const;
type ScopeName = (typeof scopes)[number];

/** Shown of the innermost frame only: others have no registers and no template of their own. */
const innermostOnly: readonly ScopeName[] = ['Template', 'Registers'];

/** What frames contain, as clients ask for it. References hold until the program runs on. */
export class VariableViews {
  readonly #values: Values;

  constructor(private readonly debuggee: Debuggee) {
    const { target, view } = debuggee.session;
    this.#values = new Values(target, view);
  }

  /** @param frame its place in the backtrace */
  scopes(frame: number): DebugProtocol.Scope[] {
    return scopes
      .filter((name) => frame === 0 || !innermostOnly.includes(name))
      .map((name) => ({
        name,
        variablesReference: frame * scopes.length + scopes.indexOf(name) + 1,
        expensive: name === 'Registers',
        ...(name === 'Locals' ? { presentationHint: 'locals' } : name === 'Registers' ? { presentationHint: 'registers' } : {}),
      }));
  }

  /** Frame and scope of a reference. @throws UsageError for one that there is not */
  scopeOf(reference: number): { readonly frame: number; readonly name: ScopeName } {
    const name = scopes[(reference - 1) % scopes.length];
    if (reference < 1 || name === undefined) throw new UsageError(`there are no variables ${reference}`);
    return { frame: Math.floor((reference - 1) / scopes.length), name };
  }

  async variables(reference: number): Promise<DebugProtocol.Variable[]> {
    const { frame: index, name } = this.scopeOf(reference);
    const { session } = this.debuggee;
    const frame = session.inspect()[index];
    if (frame === undefined) throw new UsageError(`there is no frame ${index}`);
    switch (name) {
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
          value: `at 0x${base.toString(16)}`,
          variablesReference: 0,
          memoryReference: `0x${base.toString(16)}`,
        }));
    }
  }

  /** The template that the innermost frame stands in, and how its holes are filled. */
  async #template({ code, pc }: Frame): Promise<DebugProtocol.Variable[]> {
    if (code === undefined) return [];
    const site = (await code.listing()).filter(({ address }) => address <= pc).at(-1);
    if (site === undefined) return [];
    const holes = Object.entries(site.holes).map(([hole, value]) => ({ name: hole, value: String(value), variablesReference: 0 }));
    const trap = site.trap === null ? [] : [{ name: 'trap', value: site.trap, variablesReference: 0 }];
    return [{ name: 'template', value: site.template, variablesReference: 0, memoryReference: `0x${site.address.toString(16)}` }, ...holes, ...trap];
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
