/** One table: what keys do, what the help shows. `unit` stands for the letter of the unit that is chosen. */
export const units = [
  { name: 'wasm', letter: 'w', over: 'n', key: '1' },
  { name: 'template', letter: 't', over: 'nt', key: '2' },
  { name: 'machine', letter: 's', over: 'ni', key: '3' },
];

const finish = (word, { name }) => (name === 'machine' ? word : `${word} ${name}`);

export const moves = [
  { id: 'into', keys: ['s', 'F11'], what: 'step into', command: ({ letter }) => `${letter}i` },
  { id: 'over', keys: ['n', 'F10'], what: 'step over', command: ({ over }) => over },
  { id: 'out', keys: ['f', 'Shift+F11'], what: 'finish the function', command: (unit) => finish('fin', unit) },
  { id: 'continue', keys: ['c', 'F8'], what: 'continue', command: () => 'c' },
  { id: 'back-into', keys: ['S'], what: 'step back', command: ({ letter }) => `r${letter}i` },
  { id: 'back-over', keys: ['N'], what: 'step back over calls', command: ({ over }) => `r${over}` },
  { id: 'back-out', keys: ['F'], what: 'back to the call', command: (unit) => finish('rfin', unit) },
  { id: 'reverse', keys: ['C'], what: 'back to the last stop', command: () => 'rc' },
];

export const actions = [
  { id: 'pause', keys: ['p'], what: 'pause' },
  { id: 'begin', keys: ['Home'], what: 'to where history begins' },
  { id: 'end', keys: ['End'], what: 'to the latest position' },
  { id: 'unit', keys: ['1', '2', '3'], what: 'wasm, template, machine' },
  { id: 'down', keys: ['↓', 'j'], what: 'next row' },
  { id: 'up', keys: ['↑', 'k'], what: 'row above' },
  { id: 'breakpoint', keys: ['b'], what: 'breakpoint in this row' },
  { id: 'machine-breakpoint', keys: ['B'], what: 'breakpoint at its machine instruction' },
  { id: 'here', keys: ['.'], what: 'to the position' },
  { id: 'divergence', keys: ['x'], what: 'to where it differs from the reference' },
  { id: 'outer', keys: [']'], what: 'caller' },
  { id: 'inner', keys: ['['], what: 'callee' },
  { id: 'prompt', keys: [':', '`'], what: 'console' },
  { id: 'memory', keys: ['m'], what: 'memory' },
  { id: 'source', keys: ['o'], what: 'source lines' },
  { id: 'code', keys: ['g'], what: 'code memory' },
  { id: 'queue', keys: ['q'], what: 'queue and cache' },
  { id: 'devices', keys: ['d'], what: 'devices' },
  { id: 'pins', keys: ['i'], what: 'pins' },
  { id: 'tab', keys: ['Tab'], what: 'through everything else' },
  { id: 'link', keys: ['l'], what: 'copy a link to this position' },
  { id: 'theme', keys: ['t'], what: 'light or dark' },
  { id: 'help', keys: ['?'], what: 'these keys' },
];

const aliases = { ArrowDown: '↓', ArrowUp: '↑' };

/** The move or action of a key; undefined for keys of the browser, and where text is typed. */
export function meaningOf({ key, shiftKey, ctrlKey, altKey, metaKey, target }) {
  if (ctrlKey || altKey || metaKey || key === 'Tab' || target.closest('input, select, textarea, dialog') !== null) return undefined;
  const name = /^F\d+$/.test(key) && shiftKey ? `Shift+${key}` : (aliases[key] ?? key);
  return [...moves, ...actions].find(({ keys }) => keys.includes(name));
}
