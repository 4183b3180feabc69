import { InvalidInputError } from '@fireball/contracts';
import { isJitImport, type LoadedModule } from '@fireball/engines';

/** A result that made-up answers went into must have been asked for. */
export function refuseImports({ file, module }: LoadedModule): void {
  const found = module.imports.find((entry) => !isJitImport(entry.module, entry.name));
  if (found === undefined) return;
  throw new InvalidInputError(`there is nothing behind the import "${found.module}" "${found.name}"`, {
    file,
    offset: found.offset,
    section: 'import',
    hint: '--imports seeded makes stand-ins for imports',
  });
}
