import type { RegisterDescription } from '../machine/register-block.js';

/** The memory protection unit. */
export class MemoryProtection {
  readonly state = { control: 0 };

  get enabled(): boolean {
    return (this.state.control & 1) !== 0;
  }

  reset(): void {
    this.state.control = 0;
  }

  allows(address: number, write: boolean, privileged: boolean): boolean {
    return address >= 0 && (privileged || !write || !this.enabled);
  }

  get registers(): RegisterDescription[] {
    return [{ name: 'MPU_TYPE', offset: 0xd90, access: 'ro', reset: 0 }];
  }
}
