import type { InputEvent } from '../input/decoder.js';
import type { ScreenModel } from '../model/model.js';
import { codeLength, codeShape } from '../panes/code.js';
import { linesOfList } from '../panes/lists.js';
import { hasCursor, slotAt, type Layout, type ListName, type PaneName, type Slot } from '../screen/layout.js';
import { barOf, countAt, headingsOf, innerOf } from './draw.js';
import type { View } from './view.js';

type MouseEvent = Extract<InputEvent, { readonly kind: 'mouse' }>;

/** What the mouse does with the screen. */
interface Pointed {
  readonly view: View;
  readonly model: ScreenModel;
  readonly layout: Layout;
  readonly isUsable: boolean;
  paneAt(slot: Slot): PaneName;
  focus(name: PaneName): void;
  scroll(name: PaneName, by: number): void;
  seek(count: number): void;
  toggleBreakpoint(): void;
  activate(name: ListName): void;
}

/** Milliseconds between the clicks of a double click. */
const doubleClick = 400;
/** Lines that the wheel scrolls by. */
const wheelLines = 3;

/** The mouse: clicks, double clicks, the wheel, and the timeline that is dragged. */
export class Pointer {
  #drags = false;
  #last: { readonly x: number; readonly y: number; readonly at: number } | undefined;

  handle(screen: Pointed, event: MouseEvent): void {
    if (!screen.isUsable || screen.view.page === 'help') return;
    switch (event.action) {
      case 'press':
        this.#press(screen, event);
        break;
      case 'drag':
        if (this.#drags) seekTo(screen, event.x);
        break;
      case 'release':
        this.#drags = false;
        break;
      case 'wheel-up':
      case 'wheel-down': {
        const slot = slotAt(screen.layout, event.x, event.y);
        if (slot !== undefined) screen.scroll(screen.paneAt(slot), event.action === 'wheel-up' ? -wheelLines : wheelLines);
        break;
      }
    }
  }

  #press(screen: Pointed, { x, y }: MouseEvent): void {
    const { layout } = screen;
    if (y === layout.timeline.y) {
      this.#drags = true;
      seekTo(screen, x);
      return;
    }
    const slot = slotAt(layout, x, y);
    if (slot === undefined) return;
    const isDouble = this.#isDouble(x, y);
    if (y === slot.rect.y) {
      const heading = headingsOf(slot, screen.model).find(({ from, to }) => x >= from && x < to);
      screen.focus(heading?.name ?? screen.paneAt(slot));
      return;
    }
    const name = screen.paneAt(slot);
    screen.focus(name);
    if (name === 'code') clickCode(screen, slot, x, y, isDouble);
    else if (hasCursor(name)) clickList(screen, name, slot, y, isDouble);
  }

  #isDouble(x: number, y: number): boolean {
    const at = performance.now();
    const { x: lastX, y: lastY, at: lastAt } = this.#last ?? { x: -1, y: -1, at: -Infinity };
    const isDouble = x === lastX && y === lastY && at - lastAt < doubleClick;
    this.#last = isDouble ? undefined : { x, y, at };
    return isDouble;
  }
}

function seekTo(screen: Pointed, x: number): void {
  const { layout, model } = screen;
  const bar = barOf(layout.timeline, model);
  screen.seek(countAt(x - bar.x, bar.width, model.timeline));
}

function clickCode(screen: Pointed, { rect }: Slot, x: number, y: number, isDouble: boolean): void {
  const { view, model } = screen;
  const shape = codeShape(rect, model);
  const cursor = view.code.top + y - shape.y;
  if (y >= shape.y + shape.height || cursor < 0 || cursor >= codeLength(model)) return;
  const column = x >= shape.right.x || model.code.function === undefined ? 'machine' : 'wasm';
  view.code = { ...view.code, cursor, column };
  if (isDouble) screen.toggleBreakpoint();
}

function clickList(screen: Pointed, name: ListName, { rect }: Slot, y: number, isDouble: boolean): void {
  const { view, model } = screen;
  const line = view.scroll[name] + y - innerOf(rect).y;
  if (line >= linesOfList(name, model)) return;
  view.selected[name] = line;
  if (isDouble) screen.activate(name);
}
