import type { ScreenModel } from '../model/model.js';
import { codeLength, codeShape, currentRow } from '../panes/code.js';
import { linesOfList } from '../panes/lists.js';
import type { ListName, Slot } from '../screen/layout.js';
import { innerOf } from './draw.js';
import type { View } from './view.js';

/** Rows between the cursor and the end of the pane, where it has been moved to where the session stands. */
const margin = 2;

/** `least` where there is nothing between them. */
export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** Moves the cursor of the code, and what is shown of it where that is necessary. */
export function moveInCode(view: View, model: ScreenModel, slot: Slot, by: number): void {
  view.code = { ...view.code, cursor: clamp(view.code.cursor + by, 0, codeLength(model) - 1) };
  revealCode(view, model, slot, 0);
}

/** Moves what is shown of the code, by rows. */
export function scrollCode(view: View, model: ScreenModel, slot: Slot, by: number): void {
  const { height } = codeShape(slot.rect, model);
  view.code = { ...view.code, top: clamp(view.code.top + by, 0, Math.max(0, codeLength(model) - height)) };
}

/** Moves the cursor of a list, and what is shown of it where that is necessary. */
export function moveInList(view: View, model: ScreenModel, { rect }: Slot, name: ListName, by: number): void {
  const { height } = innerOf(rect);
  view.selected[name] = clamp(view.selected[name] + by, 0, linesOfList(name, model) - 1);
  view.scroll[name] = clamp(view.scroll[name], view.selected[name] - height + 1, view.selected[name]);
}

/** The cursor of the code to where the session stands, and that into view. */
export function recentreCode(view: View, model: ScreenModel, slot: Slot): void {
  view.code = { ...view.code, cursor: currentRow(model) };
  revealCode(view, model, slot, margin);
  // Its instruction may stand some rows above its code.
  const { wasm } = model.code.marks;
  const { height } = codeShape(slot.rect, model);
  if (wasm !== undefined && wasm < view.code.top && view.code.cursor - wasm < height - 1) view.code = { ...view.code, top: Math.max(0, wasm - 1) };
}

/** The same for the source. */
export function recentreSource(view: View, { source }: ScreenModel, { rect }: Slot): void {
  if (source === undefined) return;
  const { height } = innerOf(rect);
  view.selected.source = source.line - 1;
  view.scroll.source = shownFrom(view.selected.source, view.scroll.source, height, source.total, Math.min(margin, Math.floor((height - 1) / 2)));
}

function revealCode(view: View, model: ScreenModel, slot: Slot, least: number): void {
  const { height } = codeShape(slot.rect, model);
  view.code = { ...view.code, top: shownFrom(view.code.cursor, view.code.top, height, codeLength(model), least) };
}

/** The first row to be shown: as before, unless the cursor is out of sight, or nearer than `least` to that. */
function shownFrom(cursor: number, top: number, height: number, length: number, least: number): number {
  const most = Math.max(0, length - height);
  if (cursor >= top + least && cursor < top + height - least) return Math.min(top, most);
  const wanted = least > 0 ? cursor - Math.floor(height / 3) : cursor < top ? cursor : cursor - height + 1;
  return clamp(wanted, 0, most);
}
