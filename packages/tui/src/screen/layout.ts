import type { Rect } from './canvas.js';

/** What has the focus, and what can be seen. */
export const paneNames = ['code', 'values', 'registers', 'memory', 'breakpoints', 'stack', 'console', 'source', 'devices', 'variables'] as const;
export type PaneName = (typeof paneNames)[number];

/** The digit that chooses it: `0` the tenth. */
export function keyOfPane(name: PaneName): string {
  return String((paneNames.indexOf(name) + 1) % 10);
}

/** Panes whose lines have a cursor. */
export const listNames = ['breakpoints', 'stack', 'source', 'devices', 'variables'] as const;
export type ListName = (typeof listNames)[number];

export function hasCursor(name: PaneName): name is ListName {
  return (listNames as readonly PaneName[]).includes(name);
}

/** What there is to show, apart from what there always is. */
export interface Contents {
  /** Functions of a module. */
  readonly wasm: boolean;
  /** Lines of C or Rust. */
  readonly source: boolean;
  /** Its variables. */
  readonly variables: boolean;
  readonly devices: boolean;
}

/** A place for a pane, or for one of several. */
export interface Slot {
  readonly rect: Rect;
  readonly panes: readonly PaneName[];
}

/** Where things are on the screen. */
export interface Layout {
  readonly title: Rect;
  readonly slots: readonly Slot[];
  readonly timeline: Rect;
  /** The line of help, or of what is typed. */
  readonly bottom: Rect;
}

/** Smallest screen, in columns and rows. */
export const smallest = { width: 80, height: 24 } as const;

/** Code has most of the room; what does not fit beside shares a place, and the keys of the panes choose. */
export function layoutOf(width: number, height: number, contents: Contents): Layout {
  const row = (y: number): Rect => ({ x: 0, y, width, height: 1 });
  const top = 1;
  const rows = height - 3;
  const shape = width >= 150 && height >= 40 ? wide : width >= 116 && height >= 32 ? medium : small;
  const slots = shape(width, top, rows, contents);
  return { title: row(0), slots, timeline: row(height - 2), bottom: row(height - 1) };
}

/** What has no room beside them takes turns with values and console; first is what says more. */
function sharing({ wasm, source, devices, variables }: Contents): { readonly values: readonly PaneName[]; readonly console: readonly PaneName[] } {
  const values: readonly PaneName[] = !devices ? ['values'] : wasm ? ['values', 'devices'] : ['devices', 'values'];
  return {
    values: variables ? ['variables', ...values] : values,
    console: source ? ['source', 'console'] : ['console'],
  };
}

function small(width: number, top: number, rows: number, contents: Contents): Slot[] {
  const shared = sharing(contents);
  const code = Math.floor(rows * (contents.source ? 0.39 : 0.49));
  const middle = Math.floor(rows * 0.34);
  const left = Math.floor(width * 0.45);
  return [
    { rect: { x: 0, y: top, width, height: code }, panes: ['code'] },
    { rect: { x: 0, y: top + code, width: left, height: middle }, panes: shared.values },
    { rect: { x: left + 1, y: top + code, width: width - left - 1, height: middle }, panes: ['registers', 'memory', 'breakpoints', 'stack'] },
    { rect: { x: 0, y: top + code + middle, width, height: rows - code - middle }, panes: shared.console },
  ];
}

function medium(width: number, top: number, rows: number, contents: Contents): Slot[] {
  const shared = sharing(contents);
  const code = Math.floor(rows * (contents.source ? 0.42 : 0.5));
  const middle = Math.floor(rows * 0.3);
  const memory = width >= 140 ? 77 : 44;
  const values = Math.floor((width - memory - 2) * 0.5);
  const registers = width - memory - values - 2;
  const stack = Math.floor(width * 0.4);
  const y = top + code;
  const last = { y: y + middle, height: rows - code - middle };
  return [
    { rect: { x: 0, y: top, width, height: code }, panes: ['code'] },
    { rect: { x: 0, y, width: values, height: middle }, panes: shared.values },
    { rect: { x: values + 1, y, width: registers, height: middle }, panes: ['registers'] },
    { rect: { x: values + registers + 2, y, width: memory, height: middle }, panes: ['memory'] },
    { rect: { x: 0, width: width - stack - 1, ...last }, panes: shared.console },
    { rect: { x: width - stack, width: stack, ...last }, panes: ['stack', 'breakpoints'] },
  ];
}

function wide(width: number, top: number, rows: number, contents: Contents): Slot[] {
  const right = Math.max(60, Math.min(78, Math.floor(width * 0.39)));
  const left = width - right - 1;
  const code = Math.floor(rows * (contents.source ? 0.5 : 0.74));
  const source = contents.source ? Math.floor(rows * 0.27) : 0;
  const x = left + 1;
  const hasBoth = contents.variables;
  const shares = [
    [['registers'], Math.max(8, Math.floor(rows * 0.16))],
    [['variables'], hasBoth ? Math.floor(rows * 0.2) : 0],
    [sharing({ ...contents, variables: false }).values, Math.floor(rows * (hasBoth ? 0.2 : 0.3))],
    [['memory'], Math.floor(rows * (hasBoth ? 0.18 : 0.26))],
    [['stack'], Math.floor(rows * 0.14)],
    [['breakpoints'], rows],
  ] as const;
  const slots: Slot[] = [
    { rect: { x: 0, y: top, width: left, height: code }, panes: ['code'] },
    ...(source === 0 ? [] : [{ rect: { x: 0, y: top + code, width: left, height: source }, panes: ['source'] as const }]),
    { rect: { x: 0, y: top + code + source, width: left, height: rows - code - source }, panes: ['console'] },
  ];
  let y = top;
  for (const [panes, share] of shares) {
    if (share === 0) continue;
    const height = Math.min(share, top + rows - y);
    slots.push({ rect: { x, y, width: right, height }, panes });
    y += height;
  }
  return slots;
}

/** What lies under a place of the screen. */
export function slotAt({ slots }: Layout, x: number, y: number): Slot | undefined {
  return slots.find(({ rect }) => x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height);
}
