import { RegisterBlock } from '../machine/register-block.js';
import type { DeviceClass } from '../machine/device.js';

/**
 * A range in which a board has something that is not modelled, or that its manual calls reserved without a bus fault: reads are 0, writes
 * do nothing, and each place is logged once.
 */
export const reserved: DeviceClass = {
  name: 'reserved',
  summary: 'reads as 0, takes no writes, says so once for each place',
  size: 'board',
  create(environment) {
    const seen = new Set<string>();
    return new RegisterBlock({
      registers: [],
      warn(message) {
        const place = message.replace(/of 0x[0-9a-f]+ /, '');
        if (seen.has(place)) return;
        seen.add(place);
        environment.warn(message);
      },
    });
  },
};
