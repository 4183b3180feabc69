/**
 * Rooms that areas begin in: those of which nearly every function has some rows, most functions no more than find room here. What is made for the first time has no bytes
 * to move then. Each room ends where the next one begins.
 */
import { roomsBlock } from './blocks.js';

export const eventsRoom = roomsBlock;
export const constantsRoom = roomsBlock + 0x40;
export const argumentPlacesRoom = roomsBlock + 0x100;
export const boundToRoom = roomsBlock + 0x120;
export const latestRoom = roomsBlock + 0x180;
export const sitesRoom = roomsBlock + 0x190;
export const checksRoom = roomsBlock + 0x1f0;
export const membersRoom = roomsBlock + 0x220;
export const sharesRoom = roomsBlock + 0x268;
export const segmentsRoom = roomsBlock + 0x298;
export const movesRoom = roomsBlock + 0x318;
export const openBlocksRoom = roomsBlock + 0x388;
export const stackEntriesRoom = roomsBlock + 0x478;
export const stackNodesRoom = roomsBlock + 0x558;
export const roomsEnd = roomsBlock + 0x5e8;

/** The plan's own: nothing is selected as long as these are in use. */
export const symbolsRoom = openBlocksRoom;
export const symbolsEnd = symbolsRoom + 0xc0;
export const controlsRoom = symbolsEnd;
export const controlsEnd = controlsRoom + 0x120;
