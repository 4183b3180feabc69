export { bundledKernels, isChecksum, loadKernels, runKernel, wideKernels, type Baseline, type Kernel, type KernelRun } from './kernels.js';
