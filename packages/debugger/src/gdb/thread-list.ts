import type { Threads } from '../rtos/threads.js';

/** GDB manual, E.15 "Thread List Format". */
export function threadList(threads: Threads): string {
  const xml = threads.list().map(({ id, name, state }) => `<thread id="${id.toString(16)}" core="0" name="${escaped(name)}">${state}</thread>`);
  return `<?xml version="1.0"?><threads>${xml.join('')}</threads>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
