import { keyOfPane, paneNames, type PaneName } from '../screen/layout.js';

/** What a key does. Commands are the shell's. */
export type Action =
  | { readonly kind: 'command'; readonly command: string }
  | {
      readonly kind:
        | 'breakpoint'
        | 'pause'
        | 'command-line'
        | 'goto'
        | 'memory'
        | 'next-pane'
        | 'previous-pane'
        | 'begin'
        | 'earlier'
        | 'later'
        | 'earliest'
        | 'latest'
        | 'frame-up'
        | 'frame-down'
        | 'recentre'
        | 'delete'
        | 'write'
        | 'help'
        | 'redraw'
        | 'quit';
    }
  | { readonly kind: 'pane'; readonly name: PaneName };

/** A row of the page of keys. */
interface KeyRow {
  readonly keys: readonly string[];
  /** As people name them. */
  readonly shown: string;
  readonly summary: string;
  /** In the help line, where it has one. */
  readonly short?: string;
  readonly action: Action;
}

/** Rows under a heading. */
interface KeyGroup {
  readonly heading: string;
  readonly rows: readonly KeyRow[];
}

const command = (keys: string, text: string, summary: string, short?: string): KeyRow => ({
  keys: [keys],
  shown: keys,
  summary,
  ...(short === undefined ? {} : { short }),
  action: { kind: 'command', command: text },
});

/** All keys that mean the same in every pane: gdb's single keys where it has one, capitals backwards. */
export const keyGroups: readonly KeyGroup[] = [
  {
    heading: 'Go on, and back',
    rows: [
      command('s', 'step', 'one source line, into calls; one instruction where there are none', 'step'),
      command('n', 'next', 'the same, over calls', 'next'),
      command('w', 'wi', 'one wasm instruction, into calls'),
      command('f', 'finish wasm', 'until the function has returned', 'finish'),
      command('t', 'ti', 'one template'),
      command('i', 'si', 'one machine instruction, into calls'),
      command('o', 'ni', 'one machine instruction, over calls'),
      command('c', 'continue', 'to the next stop', 'cont'),
      command('S', 'rstep', 'one source line back, or one instruction', 'back'),
      command('N', 'rnext', 'the same, over calls'),
      command('W', 'rwi', 'one wasm instruction back'),
      command('F', 'rfin wasm', 'back to the call of the function'),
      command('T', 'rti', 'one template back'),
      command('I', 'rsi', 'one machine instruction back'),
      command('O', 'rni', 'one machine instruction back, over calls'),
      command('C', 'reverse-continue', 'back to the last stop'),
      { keys: [' ', 'ctrl-c'], shown: 'space, Ctrl-C', summary: 'pause what runs; keys that wait are forgotten', action: { kind: 'pause' } },
    ],
  },
  {
    heading: 'Time',
    rows: [
      { keys: ['['], shown: '[', summary: 'a hundredth of the timeline back', action: { kind: 'earlier' } },
      { keys: [']'], shown: ']', summary: 'a hundredth of the timeline on', action: { kind: 'later' } },
      { keys: ['{'], shown: '{', summary: 'a tenth back', action: { kind: 'earliest' } },
      { keys: ['}'], shown: '}', summary: 'a tenth on', action: { kind: 'latest' } },
      { keys: ['g'], shown: 'g', summary: 'to a count of instructions', action: { kind: 'goto' } },
      { keys: ['r'], shown: 'r', summary: 'to where history begins', action: { kind: 'begin' } },
    ],
  },
  {
    heading: 'Look',
    rows: [
      { keys: ['b'], shown: 'b', summary: 'breakpoint at the cursor, on or off', short: 'break', action: { kind: 'breakpoint' } },
      { keys: ['x', 'delete'], shown: 'x', summary: 'take the selected breakpoint out', action: { kind: 'delete' } },
      { keys: ['='], shown: '=', summary: 'write the selected variable of C or Rust', action: { kind: 'write' } },
      { keys: ['u'], shown: 'u', summary: 'the calling function', action: { kind: 'frame-up' } },
      { keys: ['d'], shown: 'd', summary: 'the called function', action: { kind: 'frame-down' } },
      { keys: ['m'], shown: 'm', summary: 'memory from an address on: @16, sp, 0x20000000', action: { kind: 'memory' } },
      { keys: ['.'], shown: '.', summary: 'the code pane to where it stands', action: { kind: 'recentre' } },
      { keys: [':', 'enter'], shown: ': or Enter', summary: 'a command of the shell (help lists them)', short: 'command', action: { kind: 'command-line' } },
      { keys: ['tab'], shown: 'Tab', summary: 'the next pane; Shift-Tab the one before; 1 to 9 and 0 by number', short: 'pane', action: { kind: 'next-pane' } },
      { keys: ['?', 'h', 'f1'], shown: '?', summary: 'this page', short: 'help', action: { kind: 'help' } },
      { keys: ['ctrl-l'], shown: 'Ctrl-L', summary: 'draw the screen anew', action: { kind: 'redraw' } },
      { keys: ['q', 'ctrl-d'], shown: 'q', summary: 'end', short: 'quit', action: { kind: 'quit' } },
    ],
  },
];

/** Help that is no key. */
export const moreHelp: readonly string[] = [
  'Arrows, Page Up, Page Down, Home and End move in the pane that has the focus. In code, left and right choose the column: b sets',
  'a breakpoint at a wasm instruction, or at a machine instruction; in source, at the line. Enter in the stack pane selects an activation,',
  'in devices it shows the registers of one, in variables the members, elements or what a pointer points to.',
  'Mouse: a click moves the cursor, a double click sets a breakpoint, the wheel scrolls the pane under it, and the timeline can be dragged.',
];

const byKey = new Map<string, Action>([
  ...keyGroups.flatMap(({ rows }) => rows.flatMap(({ keys, action }) => keys.map((key) => [key, action] as const))),
  ['shift-tab', { kind: 'previous-pane' }],
  ...paneNames.map((name) => [keyOfPane(name), { kind: 'pane', name }] as const),
]);

export function actionOf(key: string): Action | undefined {
  return byKey.get(key);
}
