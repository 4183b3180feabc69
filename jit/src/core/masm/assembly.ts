/** A function under construction: labels, branches, entries of tables, sites and shared checks. */
import { limitField, load32, makeArea, makeAreaIn, makeRoomIn, store32, take, usedBytes, usedField } from '@fireball/wasm';
import * as layout from '../layout/masm.js';
import { entryRole, siteFixup, tableFixup } from '../layout/placed.js';
import { boundToRoom, checksRoom, latestRoom, membersRoom, movesRoom, segmentsRoom, sharesRoom, sitesRoom } from '../layout/rooms.js';
import { place, placedCount, refuse, setKind, setRole } from './records.js';

/** Begins another function, whose templates are attributed to a wasm offset until that is another one. */
export function beginAssembly(offset: i32): void {
  makeArea(layout.placed);
  makeAreaIn(layout.boundTo, boundToRoom, latestRoom);
  makeAreaIn(layout.latest, latestRoom, sitesRoom);
  makeAreaIn(layout.sites, sitesRoom, checksRoom);
  makeAreaIn(layout.checks, checksRoom, membersRoom);
  makeAreaIn(layout.members, membersRoom, sharesRoom);
  makeAreaIn(layout.shares, sharesRoom, segmentsRoom);
  makeAreaIn(layout.segments, segmentsRoom, movesRoom);
  store32(layout.openSegment, 0);
  store32(layout.latestAt, 0);
  store32(layout.refusal, layout.placing);
  store32(layout.refused, 0);
  makeArea(layout.origins);
  attribute(offset);
  store32(layout.linkUsed, 0);
  store32(layout.flagsOf, -1);
  store32(layout.heldCode, -1);
}

/** Attributes templates that are placed from now on to the wasm instruction at an offset. */
export function attribute(offset: i32): void {
  store32(layout.wasmOffset, offset);
  if (load32(layout.keepsOrigins) !== 0) noteOrigin(offset);
}

/** Notes, for who wants to know, which wasm instruction templates are of that are placed from now on. */
export function noteOrigin(offset: i32): void {
  const begin = usedBytes(layout.placed);
  const last = load32(layout.origins + usedField) - layout.originStride;
  if (last >= load32(layout.origins) && load32(last + layout.originBegin) === begin) {
    // Nothing was placed for the one before.
    store32(last + layout.originOffset, offset);
    return;
  }
  const row = take(layout.origins, layout.originStride);
  if (row === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  store32(row + layout.originOffset, offset);
  store32(row + layout.originBegin, begin);
}

/** How many labels there are. */
export function labelCount(): i32 {
  return usedBytes(layout.boundTo) >> 2;
}

export function newLabel(): i32 {
  const at = load32(layout.boundTo + usedField);
  const end = at + 4;
  if (end > load32(layout.boundTo + limitField)) return newLabelElsewhere();
  store32(layout.boundTo + usedField, end);
  store32(at, -1);
  return (at - load32(layout.boundTo)) >> 2;
}

/** The same where there is no room left. @noinline */
function newLabelElsewhere(): i32 {
  if (makeRoomIn(layout.boundTo, 4)) return newLabel();
  refuse(layout.noRoom, 0);
  return 0;
}

/** Binds a label here; flags stay what they are (`bind`). */
export function bindLabel(label: i32): void {
  if (load32(load32(layout.boundTo) + (label << 2)) !== -1) refuse(layout.boundTwice, label);
  bindHere(label);
}

/** How many labels are bound in front of whatever comes next. They are words at `latest`, until a label is bound. */
export function labelsHere(): i32 {
  return load32(layout.latestAt) === placedCount() ? usedBytes(layout.latest) >> 2 : 0;
}

/** Binds labels here, wherever they were bound: words at an address, which is not in `latest`. */
export function rebind(labels: i32, count: i32): void {
  for (let index = 0; index < count; index++) bindHere(load32(labels + (index << 2)));
}

function bindHere(label: i32): void {
  const index = placedCount();
  let at = load32(layout.latest + usedField);
  if (load32(layout.latestAt) !== index) {
    store32(layout.latestAt, index);
    at = load32(layout.latest);
  }
  store32(load32(layout.boundTo) + (label << 2), index);
  const end = at + 4;
  if (end > load32(layout.latest + limitField)) {
    noteElsewhere(label);
    return;
  }
  store32(layout.latest + usedField, end);
  store32(at, label);
}

/** Notes a label that is bound here where there is no room left for others. @noinline */
function noteElsewhere(label: i32): void {
  const at = take(layout.latest, 4);
  if (at === 0) refuse(layout.noRoom, 0);
  else store32(at, label);
}

/** Places a branch of a kind, in its nearest form. `fixup`: what it leads to, of which `target` is the number. `values` are bytes of a word. */
export function branch(kind: i32, fixup: i32, target: i32, values: i32): void {
  place(layout.kindRows + kind * layout.rowStride, fixup, values, target);
}

/** Places an entry of the table that begins at label `from`; `jump` is the kind of branches that leads on where it does not reach. */
export function tableEntry(template: i32, from: i32, target: i32, jump: i32): void {
  place(layout.templateRows + template * layout.rowStride, tableFixup, from, target);
  setKind(jump);
  setRole(entryRole);
}

/** Marks where code comes that is known with the frame: its kind, and a word that selection knows it by. `filler` stands there until then. */
export function placeSite(filler: i32, kind: i32, value: i32): void {
  const row = take(layout.sites, layout.siteStride);
  if (row === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  store32(row + layout.siteOffset, load32(layout.wasmOffset));
  store32(row + layout.siteValue, value);
  store32(row + layout.siteKind, kind);
  store32(row + layout.siteBegin, usedBytes(layout.placed));
  place(layout.templateRows + filler * layout.rowStride, siteFixup, 0, 0);
}

/** Address of what is known of a site. */
export function siteAt(site: i32): i32 {
  return load32(layout.sites) + site * layout.siteStride;
}

/** The number, from 1 on, of another check of a register that several accesses share, of which none is known yet. */
export function addCheck(register: i32): i32 {
  const row = take(layout.checks, layout.checkStride);
  if (row === 0) {
    refuse(layout.noRoom, 0);
    return 0;
  }
  const begin = usedBytes(layout.members);
  store32(row + layout.checkRegister, register);
  store32(row + layout.checkBegin, begin);
  store32(row + layout.checkEnd, begin);
  return (row - load32(layout.checks)) / layout.checkStride + 1;
}

/** An access of the check that was added last: at a distance from the register, so many bytes. */
export function addMember(offset: i32, delta: i32, size: i32): void {
  const row = take(layout.members, layout.memberStride);
  if (row === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  store32(row + layout.memberOffset, offset);
  store32(row + layout.memberDelta, delta);
  store32(row + layout.memberSize, size);
  const check = load32(layout.checks + usedField) - layout.checkStride;
  store32(check + layout.checkEnd, usedBytes(layout.members));
}
