import { UsageError } from '@fireball/contracts';

/** Arguments of a request, or a part of them, as the client sent them: whatever it likes. Errors name request and field. */
export class Arguments {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(
    private readonly where: string,
    value: unknown,
  ) {
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) throw new UsageError(`${where}: an object is wanted`);
    this.#fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** All of them, for what reads them itself. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#fields;
  }

  #wrong(name: string, wanted: string): UsageError {
    return new UsageError(`${this.where}: '${name}' has to be ${wanted}`);
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw this.#wrong(name, 'a string');
    return value;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw this.#wrong(name, 'a string');
    return value;
  }

  /** A whole number; `otherwise` where it is absent. */
  whole(name: string, otherwise?: number): number {
    const value = this.#fields[name] ?? otherwise;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw this.#wrong(name, 'a whole number');
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#fields[name] ?? otherwise;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false');
    return value;
  }

  part(name: string): Arguments {
    return new Arguments(`${this.where}.${name}`, this.#fields[name]);
  }

  /** Empty where it is absent. */
  list(name: string): readonly Arguments[] {
    const value = this.#fields[name] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    return value.map((entry, index) => new Arguments(`${this.where}.${name}[${index}]`, entry));
  }

  /** Strings; none where it is absent. */
  texts(name: string): readonly string[] {
    const value = this.#fields[name] ?? [];
    if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) throw this.#wrong(name, 'a list of strings');
    return value;
  }

  /** `0x10010` or decimal, as clients hand references to memory back. */
  address(name: string): number {
    const value = this.text(name);
    if (!/^(?:0x[\da-f]{1,8}|\d{1,10})$/i.test(value)) throw this.#wrong(name, 'an address such as 0x10010');
    return Number(value);
  }
}
