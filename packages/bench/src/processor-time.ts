/** Time of the processor that work takes, in seconds: what else the computer does is not in it. */
export function processorSeconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * Time for which work keeps its caller waiting, in seconds, at most: what the clock says or what the processor does, whichever is less. Threads that collect
 * garbage beside it are in the second one only, other programs in the first one only.
 */
export function waitingSeconds(work: () => unknown): number {
  const began = performance.now();
  const processor = processorSeconds(work);
  return Math.min((performance.now() - began) / 1000, processor);
}
