// Writes src/constants: *.ts, one file a header and the types of all in all.ts, and all.json, what programs load, from the enumerations and macros of the installed
// libunicorn headers: `pnpm --filter @fireball/unicorn.js run constants [OUTPUT_FOLDER]`.
// Names are upstream's without the `UC_` prefix, as in unicorn.js.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = '/usr/include/unicorn';
const output = process.argv[2] ?? fileURLToPath(new URL('../src/constants', import.meta.url));
/** Architectures in the order of uc_arch; `core` first, as the others may use its names. */
const names = ['core', 'arm', 'arm64', 'mips', 'x86', 'ppc', 'sparc', 'm68k', 'riscv', 's390x', 'tricore'];
const headerOf = (name) => (name === 'core' ? 'unicorn.h' : `${name}.h`);

/** Header text without comments and with continued lines joined. */
function source(header) {
  return readFileSync(`${folder}/${header}`, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/\\\n/g, ' ');
}

/** Value of a constant expression of numbers, known names, `+ - | << ( )`. */
function evaluate(expression, known) {
  const text = expression.replace(/UC_\w+/g, (name) => {
    if (!known.has(name)) throw new Error(`${name} is used before it is defined`);
    return String(known.get(name));
  });
  if (!/^[\s\da-fA-Fx()+\-|<]+$/.test(text)) return undefined;
  return Function(`return (${text})`)();
}

/** All `UC_` enumerators and object-like integer macros of a header, in order. */
function constants(text) {
  const known = new Map();
  const items = /#define\s+(UC_\w+)[ \t]+(.+)$|enum\s+\w+\s*\{([^}]*)\}/gm;
  for (const [, macro, value, body] of text.matchAll(items)) {
    if (macro !== undefined) {
      const number = evaluate(value, known);
      if (number !== undefined) known.set(macro, number);
      continue;
    }
    let next = 0;
    for (const item of body
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      const [name, expression] = item.split('=').map((part) => part.trim());
      next = expression === undefined ? next : evaluate(expression, known);
      known.set(name, next);
      next += 1;
    }
  }
  return known;
}

const generated = (source) => `// Generated from libunicorn's ${source} by scripts/constants.mjs; do not edit.\n`;

const all = {};
for (const name of names) {
  const header = headerOf(name);
  const found = [...constants(source(header))].map(([key, value]) => [key.slice(3), value]);
  Object.assign(all, Object.fromEntries(found));
  const rows = found.map(([key, value]) => `  ${key}: ${value},`);
  writeFileSync(`${output}/${name}.ts`, `${generated(header)}export const ${name} = {\n${rows.join('\n')}\n} as const;\n`);
}

function typeName(name) {
  return `${name[0].toUpperCase()}${name.slice(1)}Constants`;
}

/** What a header is about. */
function summary(name) {
  if (name === 'core') return 'Errors, hooks, permissions, controls: what belongs to no architecture.';
  return `CPU models, registers and instructions of ${name}, as far as the library's header has them.`;
}

// One file of plain data: modules with thousands of names take ten times as long to load.
writeFileSync(`${output}/all.json`, `${JSON.stringify(all)}\n`);
writeFileSync(
  `${output}/all.ts`,
  generated('headers') +
    names.map((name) => `import type { ${name} } from './${name}.js';\n`).join('') +
    '\n/** The constants of every header, which all.json has: one name has one meaning. */\n' +
    `export type Constants = ${names.map((name) => typeName(name)).join(' &\n  ')};\n\n` +
    names.map((name) => `/** ${summary(name)} */\nexport type ${typeName(name)} = typeof ${name};\n`).join(''),
);
