import { formatCount, printable } from '@fireball/contracts';
import type { ScreenModel } from '../model/model.js';
import { drawCode } from '../panes/code.js';
import { deviceLines } from '../panes/devices.js';
import { breakpointLines, consoleLines, memoryLines, registerLines, stackLines, valueLines, type Lines } from '../panes/lists.js';
import { sourceLines, sourceTitle } from '../panes/source.js';
import { variableLines } from '../panes/variables.js';
import { Canvas, type Rect, type Span } from '../screen/canvas.js';
import type { Glyphs } from '../screen/glyphs.js';
import { hasCursor, keyOfPane, layoutOf, smallest, type Contents, type PaneName, type Slot } from '../screen/layout.js';
import { fit, widthOf } from '../screen/width.js';
import { keyGroups, moreHelp } from './keys.js';
import type { View } from './view.js';

/** What does not change: who is debugged, and the characters of frames. */
export interface Setting {
  /** What runs. */
  readonly name: string;
  /** Where: the core. */
  readonly core: string;
  readonly glyphs: Glyphs;
  readonly contents: Contents;
}

/** Most lines of the console that can be scrolled to. */
const mostLines = 2000;

/** The whole screen. `model` is what was last looked at: while it runs, that may be old. */
export function drawScreen(width: number, height: number, setting: Setting, model: ScreenModel, view: View): Canvas {
  const canvas = new Canvas(width, height);
  if (width < smallest.width || height < smallest.height) {
    drawTooSmall(canvas);
    return canvas;
  }
  const layout = layoutOf(width, height, setting.contents);
  drawTitle(canvas, layout.title, setting, view);
  if (view.page === 'help') drawHelp(canvas, { x: 0, y: 1, width, height: height - 2 }, view.helpTop);
  else {
    for (const slot of layout.slots) drawSlot(canvas, slot, setting, model, view);
    drawTimeline(canvas, layout.timeline, model, setting.glyphs);
  }
  drawBottom(canvas, layout.bottom, view);
  return canvas;
}

function drawTooSmall(canvas: Canvas): void {
  const lines = [`${canvas.width} x ${canvas.height} is too small:`, `${smallest.width} x ${smallest.height} are needed`, 'q ends'];
  for (const [y, text] of lines.entries()) canvas.put(0, y, [{ text, role: 'plain' }]);
}

function drawTitle(canvas: Canvas, rect: Rect, { name, core }: Setting, view: View): void {
  const isRunning = view.runningSince !== undefined;
  canvas.put(0, rect.y, [{ text: ' '.repeat(rect.width), role: isRunning ? 'running' : 'title' }]);
  const role = isRunning ? 'running' : 'title';
  const right = isRunning ? ' running: space or Ctrl-C pauses ' : ` ${view.status} `;
  const left = ` ${name}  ${core} `;
  const room = Math.max(20, rect.width - widthOf(left));
  canvas.put(0, rect.y, [{ text: left, role }]);
  const shown = widthOf(right) > room ? fit(right, room) : right;
  canvas.put(rect.width - widthOf(shown), rect.y, [{ text: shown, role }]);
}

/** Which of a place's panes is shown. Who types a command sees what it says. */
export function shownIn({ panes }: Slot, view: View): PaneName {
  if (view.prompt?.label === '(fireball)' && panes.includes('console')) return 'console';
  return view.recent.find((name) => panes.includes(name)) ?? panes[0]!;
}

function drawSlot(canvas: Canvas, slot: Slot, { glyphs }: Setting, model: ScreenModel, view: View): void {
  const { rect } = slot;
  const shown = shownIn(slot, view);
  drawHeader(canvas, slot, shown, model, view, glyphs);
  if (rect.x > 0) for (let y = rect.y; y < rect.y + rect.height; y++) canvas.put(rect.x - 1, y, [{ text: glyphs.vertical, role: 'dim' }]);
  if (shown === 'code') {
    drawCode(canvas, rect, model, view.code, view.focus === 'code', glyphs);
    return;
  }
  const inner = innerOf(rect);
  const { lines, top } = shown === 'source' ? partOfSource(model, view, inner.height, glyphs) : partOf(shown, model, view, inner, glyphs);
  for (const [line, spans] of lines.entries()) canvas.put(inner.x, inner.y + line, spans, inner.width);
  if (view.focus === shown && hasCursor(shown)) {
    const y = inner.y + view.selected[shown] - top;
    if (y >= inner.y && y < inner.y + inner.height) canvas.paint({ x: inner.x, y, width: inner.width, height: 1 }, 'cursor');
  }
}

/** A pane without its header. */
export function innerOf(rect: Rect): Rect {
  return { x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1 };
}

/** Lines that are shown, and which of all the first of them is. */
interface Part {
  readonly lines: Lines;
  readonly top: number;
}

/** Files may be long. */
function partOfSource(model: ScreenModel, view: View, height: number, glyphs: Glyphs): Part {
  const top = Math.max(0, Math.min(view.scroll.source, (model.source?.total ?? 0) - height));
  return { lines: sourceLines(model, top, height, glyphs), top };
}

function partOf(name: Exclude<PaneName, 'code' | 'source'>, model: ScreenModel, view: View, { width, height }: Rect, glyphs: Glyphs): Part {
  const lines = linesOf(name, model, view, width, glyphs);
  const top = topOf(name, lines.length, height, view);
  return { lines: lines.slice(top, top + height), top };
}

function linesOf(name: Exclude<PaneName, 'code' | 'source'>, model: ScreenModel, view: View, width: number, glyphs: Glyphs): Lines {
  switch (name) {
    case 'values':
      return valueLines(model, width);
    case 'registers':
      return registerLines(model, width);
    case 'memory':
      return memoryLines(model, width);
    case 'breakpoints':
      return breakpointLines(model);
    case 'stack':
      return stackLines(model, view.frame);
    case 'devices':
      return deviceLines(model, glyphs);
    case 'variables':
      return variableLines(model, width, glyphs);
    case 'console':
      return consoleLines(view.console, width, mostLines);
  }
}

/** The first line that is shown of a list: the console counts from its end. */
function topOf(name: Exclude<PaneName, 'code' | 'source'>, length: number, height: number, view: View): number {
  const most = Math.max(0, length - height);
  if (name === 'memory') return 0;
  return name === 'console' ? Math.max(0, most - view.scroll.console) : Math.min(view.scroll[name], most);
}

function drawHeader(canvas: Canvas, slot: Slot, shown: PaneName, model: ScreenModel, view: View, glyphs: Glyphs): void {
  const { rect } = slot;
  canvas.put(rect.x, rect.y, [{ text: glyphs.horizontal.repeat(rect.width), role: 'dim' }]);
  for (const { name, from, text } of headingsOf(slot, model)) {
    const role = name !== shown ? 'dim' : view.focus === name ? 'focused' : 'header';
    canvas.put(from, rect.y, [{ text, role }], rect.x + rect.width - from);
  }
}

/** What stands in the header of a place: its panes with their numbers, each in the columns [from, to). */
export function headingsOf(
  { rect, panes }: Slot,
  model: ScreenModel,
): { readonly name: PaneName; readonly text: string; readonly from: number; readonly to: number }[] {
  let from = rect.x + 1;
  return panes.map((name) => {
    const text = ` ${keyOfPane(name)} ${headingOf(name, panes.length > 1, model)} `;
    const heading = { name, text, from, to: from + widthOf(text) };
    from = heading.to;
    return heading;
  });
}

function headingOf(name: PaneName, isShared: boolean, model: ScreenModel): string {
  const { code } = model;
  if (name === 'breakpoints' && isShared) return 'breaks';
  if (name === 'source') return `source${sourceTitle(model)}`;
  if (name !== 'code' || code.function === undefined) return name;
  return `${printable(code.function.name)}${code.function.interpreted ? ' (interpreted)' : ''}`;
}

/** The cells of the bar: [x, x + width) of the timeline. */
export function barOf(rect: Rect, { timeline }: ScreenModel): { readonly x: number; readonly width: number } {
  const right = widthOf(timelineText(timeline));
  return { x: rect.x + 1, width: Math.max(10, rect.width - right - 2) };
}

function timelineText({ now, end }: ScreenModel['timeline']): string {
  return ` ${formatCount(now)} of ${formatCount(end)} instructions `;
}

/** The count that a column of the bar stands for. */
export function countAt(column: number, width: number, { begin, end }: ScreenModel['timeline']): number {
  const part = Math.min(1, Math.max(0, column / Math.max(1, width - 1)));
  return Math.round(begin + part * (end - begin));
}

function drawTimeline(canvas: Canvas, rect: Rect, model: ScreenModel, glyphs: Glyphs): void {
  const { timeline } = model;
  const bar = barOf(rect, model);
  const { begin, now, end } = timeline;
  const at = end === begin ? 0 : Math.round(((now - begin) / (end - begin)) * (bar.width - 1));
  canvas.put(bar.x, rect.y, [
    { text: glyphs.passed.repeat(at), role: 'header' },
    { text: glyphs.position, role: 'current' },
    { text: glyphs.ahead.repeat(bar.width - 1 - at), role: 'dim' },
  ]);
  canvas.put(bar.x + bar.width, rect.y, [{ text: timelineText(timeline), role: 'plain' }]);
}

function drawBottom(canvas: Canvas, rect: Rect, { prompt, page }: View): void {
  if (prompt !== undefined) {
    const { label, editor } = prompt;
    const room = rect.width - widthOf(label) - 2;
    // The end of the line that the cursor is in.
    const before = editor.text.slice(0, editor.cursor);
    const hidden = Math.max(0, widthOf(before) - room + 1);
    const shown = editor.text.slice(hidden);
    canvas.put(0, rect.y, [
      { text: `${label} `, role: 'header' },
      { text: shown, role: 'plain' },
    ]);
    const x = widthOf(label) + 1 + widthOf(editor.text.slice(hidden, editor.cursor));
    canvas.paint({ x, y: rect.y, width: 1, height: 1 }, 'cursor');
    return;
  }
  if (page === 'help') {
    canvas.put(0, rect.y, [{ text: ' any key: back; up and down scroll', role: 'key' }]);
    return;
  }
  const rows = keyGroups.flatMap((group) => group.rows).filter(({ short }) => short !== undefined);
  canvas.put(
    0,
    rect.y,
    rows.flatMap(({ keys, shown, short }): Span[] => [
      { text: ` ${keys.length > 1 ? keys[0]! : shown}`, role: 'key' },
      { text: ` ${short}`, role: 'dim' },
    ]),
  );
}

/** Rows of the page of keys. */
function helpLines(): Span[][] {
  const lines: Span[][] = [];
  for (const { heading, rows } of keyGroups) {
    lines.push([{ text: ` ${heading}`, role: 'header' }]);
    for (const { shown, summary } of rows) {
      lines.push([
        { text: `   ${shown.padEnd(14)}`, role: 'key' },
        { text: summary, role: 'plain' },
      ]);
    }
    lines.push([]);
  }
  return lines;
}

function drawHelp(canvas: Canvas, rect: Rect, top: number): void {
  const text = moreHelp.map((line): Span[] => [{ text: ` ${line}`, role: 'plain' }]);
  const groups = helpLines();
  for (const [y, spans] of [...groups, ...text].slice(top, top + rect.height).entries()) canvas.put(rect.x, rect.y + y, spans, rect.width);
}
