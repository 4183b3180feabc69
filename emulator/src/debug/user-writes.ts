import type { UserWrite } from '@fireball/contracts';

/** What whoever debugs has written to a target, in order. */
export class UserWrites {
  #all: readonly UserWrite[] = [];

  get all(): readonly UserWrite[] {
    return this.#all;
  }

  add(instructions: number, write: { readonly register: string } | { readonly address: number; readonly bytes: Uint8Array }): void {
    const place = 'register' in write ? { register: write.register } : { address: write.address, size: write.bytes.length };
    this.#all = [...this.#all, { instructions, ...place }];
  }

  /** Something else happens after so many instructions: what was written later was to what lay ahead before. */
  cut(instructions: number): void {
    this.#all = this.#all.filter((write) => write.instructions <= instructions);
  }
}
