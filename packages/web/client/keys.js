/** One table: what keys do, what the help shows. A unit has its words for steps, each of which goes back with an `r` in front. */
export const units = [
  { name: 'wasm', what: 'wasm instruction', into: 'wi', over: 'nw', out: ' wasm', key: '1', isThere: ({ wasm }) => wasm },
  { name: 'template', what: 'template', into: 'ti', over: 'nt', out: ' template', key: '2', isThere: ({ wasm }) => wasm },
  { name: 'machine', what: 'machine instruction', into: 'si', over: 'ni', out: '', key: '3', isThere: () => true },
  { name: 'line', what: 'source line', into: 'step', over: 'next', out: '', key: '4', isThere: ({ panes }) => panes.source },
];

export const moves = [
  { id: 'into', keys: ['s', 'F11'], what: 'step into', command: ({ into }) => into },
  { id: 'over', keys: ['n', 'F10'], what: 'step over', command: ({ over }) => over },
  { id: 'out', keys: ['f', 'Shift+F11'], what: 'finish the function', command: ({ out }) => `fin${out}` },
  { id: 'continue', keys: ['c', 'F8'], what: 'continue', command: () => 'c' },
  { id: 'back-into', keys: ['S'], what: 'step back', command: ({ into }) => `r${into}` },
  { id: 'back-over', keys: ['N'], what: 'step back over calls', command: ({ over }) => `r${over}` },
  { id: 'back-out', keys: ['F'], what: 'back to the call', command: ({ out }) => `rfin${out}` },
  { id: 'reverse', keys: ['C'], what: 'back to the last stop', command: () => 'rc' },
];

export const actions = [
  { id: 'pause', keys: ['p'], what: 'pause' },
  { id: 'begin', keys: ['Home'], what: 'to where history begins' },
  { id: 'end', keys: ['End'], what: 'to the latest position' },
  { id: 'unit', keys: units.map(({ key }) => key), what: 'steps by wasm, template, machine, source line' },
  { id: 'down', keys: ['↓', 'j'], what: 'next row' },
  { id: 'up', keys: ['↑', 'k'], what: 'row above' },
  { id: 'breakpoint', keys: ['b'], what: 'breakpoint in this row' },
  { id: 'machine-breakpoint', keys: ['B'], what: 'breakpoint at its machine instruction' },
  { id: 'here', keys: ['.'], what: 'to the position' },
  { id: 'divergence', keys: ['x'], what: 'to where it differs from the reference' },
  { id: 'outer', keys: [']'], what: 'caller' },
  { id: 'inner', keys: ['['], what: 'callee' },
  { id: 'variables', keys: ['v'], what: 'variables of C or Rust: arrows go and open, = writes' },
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
