/** Signals by which users, terminals and systems end a command. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Has something done before one of these signals ends the process; it ends by that signal all the same.
 * @returns what takes that back
 */
export function beforeEnding(cleanUp: () => void): () => void {
  const takeBack = (): void => {
    for (const signal of endingSignals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    takeBack();
    cleanUp();
    process.kill(process.pid, signal);
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  return takeBack;
}
