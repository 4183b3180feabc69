import { DeviceWorker } from './tier/device-worker.js';
import { HostWorker } from './tier/host-worker.js';
import type { CompileWorker, WorkerKind, WorkerRequest } from './tier/worker.js';
import type { VsocOptions } from './vsoc-options.js';
import { Vsoc } from './vsoc.js';

const workers: Readonly<Record<WorkerKind, (request: WorkerRequest) => CompileWorker>> = {
  device: (request) => new DeviceWorker(request),
  host: () => new HostWorker(),
};

/** A virtual SoC with nothing on it. */
export function createVsoc(options: VsocOptions): Vsoc {
  return new Vsoc(options, (request) => workers[request.kind](request));
}
