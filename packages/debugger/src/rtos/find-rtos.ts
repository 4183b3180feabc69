import type { DebugTarget } from '@fireball/contracts';
import { FreeRtos } from './freertos.js';
import type { AddressOf, Rtos } from './rtos.js';
import { Zephyr } from './zephyr.js';

/** The operating system that symbols show; undefined where they show none. */
export function findRtos(target: DebugTarget, addressOf: AddressOf): Rtos | undefined {
  return FreeRtos.find(target, addressOf) ?? Zephyr.find(target, addressOf);
}
