import { FireballError, isExhaustion, printable, SettingError, SystemError, systemReason } from '@fireball/contracts';

interface ErrorDescription {
  readonly exitStatus: number;
  /** One line for people. */
  readonly line: string;
  /** The document printed by `--json`: the error's family, message and facts. */
  readonly document: { readonly error: Readonly<Record<string, unknown>> };
}

/** Turns whatever was thrown into an exit status and one line. What is not of our families is a bug of ours: 70. */
export function describeError(thrown: unknown): ErrorDescription {
  if (isExhaustion(thrown)) return describeError(new SystemError(`the system cannot go on: ${systemReason(thrown)}`, { cause: thrown }));
  if (thrown instanceof FireballError) {
    const bug = thrown.exitStatus === 70 ? 'this is a bug in fireball: ' : '';
    const option = thrown instanceof SettingError ? `--${thrown.setting}: ` : '';
    const { facts } = thrown as { facts?: object };
    return {
      exitStatus: thrown.exitStatus,
      line: `${bug}${oneLine(`${option}${thrown.message}`)}`,
      document: { error: { family: thrown.name, message: `${option}${thrown.message}`, exitStatus: thrown.exitStatus, ...facts } },
    };
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    exitStatus: 70,
    line: `this is a bug in fireball: ${oneLine(message)} (--verbose shows where)`,
    document: { error: { family: 'InternalError', message, exitStatus: 70 } },
  };
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' '));
}
