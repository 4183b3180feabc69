export { bundledKernels, isChecksum, loadKernels, runKernel, type Baseline, type Kernel, type KernelRun } from './kernels.js';
