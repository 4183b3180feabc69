// Writes src/constants/{core,arm,riscv}.ts from the enumerations and macros of the installed
// libunicorn headers: `pnpm --filter @fireball/unicorn.js run constants [OUTPUT_FOLDER]`.
// Names are upstream's without the `UC_` prefix, as in unicorn.js.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = '/usr/include/unicorn';
const output = process.argv[2] ?? fileURLToPath(new URL('../src/constants', import.meta.url));
const outputs = [
  { name: 'core', header: 'unicorn.h' },
  { name: 'arm', header: 'arm.h' },
  { name: 'riscv', header: 'riscv.h' },
];

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
    for (const item of body.split(',').map((part) => part.trim()).filter(Boolean)) {
      const [name, expression] = item.split('=').map((part) => part.trim());
      next = expression === undefined ? next : evaluate(expression, known);
      known.set(name, next);
      next += 1;
    }
  }
  return known;
}

for (const { name, header } of outputs) {
  const rows = [...constants(source(header))].map(([key, value]) => `  ${key.slice(3)}: ${value},`);
  writeFileSync(
    `${output}/${name}.ts`,
    `// Generated from libunicorn's ${header} by scripts/constants.mjs; do not edit.\n` +
      `export const ${name} = {\n${rows.join('\n')}\n} as const;\n`,
  );
}
