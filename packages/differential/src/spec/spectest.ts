import type { Extern, HostExterns } from '@fireball/engines';
import { f32ToBits, f64ToBits, type Value, type ValueType, wasmPageSize } from '@fireball/wasm';

type Maker = (host: HostExterns) => Extern;

const print =
  (...params: ValueType[]): Maker =>
  (host) =>
    host.function({ params, results: [] }, () => []);

const constant =
  (value: Value): Maker =>
  (host) =>
    host.global({ type: value.type, mutable: false }, value);

/** The module `spectest` that the official scripts import (the suite's interpreter/README.md, "Spectest host module"). */
const members: Readonly<Record<string, Maker>> = {
  global_i32: constant({ type: 'i32', value: 666 }),
  global_i64: constant({ type: 'i64', value: 666n }),
  global_f32: constant({ type: 'f32', value: f32ToBits(666.6) }),
  global_f64: constant({ type: 'f64', value: f64ToBits(666.6) }),
  table: (host) => host.table({ element: 'funcref', limits: { min: 10, max: 20 } }),
  memory: (host) => host.memory({ limits: { min: 1, max: 2 }, pageSize: wasmPageSize }),
  print: print(),
  print_i32: print('i32'),
  print_i64: print('i64'),
  print_f32: print('f32'),
  print_f64: print('f64'),
  print_i32_f32: print('i32', 'f32'),
  print_f64_f64: print('f64', 'f64'),
};

/** Gives each member when it is first asked for: an engine that cannot make one fails only where it is imported. */
export function createSpectest(host: HostExterns): (name: string) => Extern | undefined {
  const made = new Map<string, Extern>();
  return (name) => {
    if (!Object.hasOwn(members, name)) return undefined;
    const extern = made.get(name) ?? members[name]!(host);
    made.set(name, extern);
    return extern;
  };
}
