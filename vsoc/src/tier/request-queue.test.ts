import { describe, expect, it } from '@jest/globals';
import { RequestQueue } from './request-queue.js';

describe('request queue', () => {
  const make = (workers: number, capacity: number): { queue: RequestQueue; started: string[]; add: (id: string, priority?: number) => boolean } => {
    const queue = new RequestQueue(workers, capacity);
    const started: string[] = [];
    return { queue, started, add: (id, priority = 0) => queue.add({ id, start: () => started.push(id) }, priority) };
  };

  it('starts at once while workers are free, then by priority, first come first served among equals', () => {
    const { queue, started, add } = make(2, 32);
    for (const [id, priority] of [
      ['a', 0],
      ['b', 0],
      ['c', 0],
      ['d', 5],
      ['e', 5],
    ] as const)
      add(id, priority);
    expect(started).toEqual(['a', 'b']);
    for (let count = 0; count < 3; count++) queue.finished();
    expect(started).toEqual(['a', 'b', 'd', 'e', 'c']);
  });

  it('refuses what does not fit, and moves what is raised', () => {
    const { queue, started, add } = make(1, 2);
    expect(['a', 'b', 'c', 'd'].map((id) => add(id))).toEqual([true, true, true, false]);
    queue.setPriority('c', 1);
    queue.finished();
    expect(started).toEqual(['a', 'c']);
    expect(queue.length).toBe(1);
    expect(add('d')).toBe(true);
  });

  it('starts nothing behind the back of the virtual clock', async () => {
    const { queue, started, add } = make(1, 32);
    for (const id of ['a', 'b', 'c']) add(id);
    queue.finished();
    expect(started).toEqual(['a', 'b']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual(['a', 'b']);
  });
});
