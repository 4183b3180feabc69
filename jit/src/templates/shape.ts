/** Readers for fields of parsed JSON whose errors name the place. */
import { InvalidInputError } from '@fireball/contracts';

type Unknown = Readonly<Record<string, unknown>>;

/** One JSON object being read; `where` says which, for messages. */
export class Shape {
  private constructor(
    readonly where: string,
    private readonly fields: Unknown,
  ) {}

  static of(value: unknown, where: string): Shape {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw problem(where, 'an object expected');
    return new Shape(where, value as Unknown);
  }

  fail(field: string, text: string): never {
    throw problem(`${this.where}, ${field}`, text);
  }

  /** Refuses fields that the schema does not name. */
  only(names: readonly string[]): void {
    for (const name of Object.keys(this.fields)) if (!names.includes(name)) this.fail(name, 'unknown field');
  }

  has(field: string): boolean {
    return this.fields[field] !== undefined;
  }

  text(field: string): string {
    const value = this.fields[field];
    return typeof value === 'string' ? value : this.fail(field, 'a string expected');
  }

  oneOf<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.text(field);
    return choices.find((choice) => choice === value) ?? this.fail(field, `"${value}" is none of ${choices.join(', ')}`);
  }

  integer(field: string, min: number, max: number): number {
    return checkInteger(this.fields[field], min, max, `${this.where}, ${field}`);
  }

  list(field: string): readonly unknown[] {
    const value = this.fields[field];
    return Array.isArray(value) ? (value as unknown[]) : this.fail(field, 'a list expected');
  }

  texts(field: string): readonly string[] {
    return this.list(field).map((item) => (typeof item === 'string' ? item : this.fail(field, 'strings expected')));
  }

  integers(field: string, min: number, max: number): readonly number[] {
    return this.list(field).map((item) => checkInteger(item, min, max, `${this.where}, ${field}`));
  }

  entries(field: string): readonly (readonly [string, unknown])[] {
    const value = this.fields[field];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(field, 'an object expected');
    return Object.entries(value as Unknown);
  }
}

export function checkInteger(value: unknown, min: number, max: number, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw problem(where, `${JSON.stringify(value)} is no integer in ${min}..${max}`);
  return value;
}

export function problem(where: string, text: string): InvalidInputError {
  return new InvalidInputError(`${where}: ${text}`);
}
