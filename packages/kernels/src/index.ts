export { bundledKernels, isChecksum, loadKernels, runKernel, type Kernel } from './kernels.js';
