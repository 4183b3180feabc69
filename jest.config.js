// One jest project per package; every project reads TypeScript sources directly
// (the `fireball-source` export condition), so tests need no build.
import { fileURLToPath } from 'node:url';

const folders = [
  'packages/contracts',
  'packages/unicorn.js',
  'packages/wasm',
  'packages/image',
  'packages/disasm',
  'packages/svd',
  'packages/debugger',
  'packages/tui',
  'packages/web',
  'jit',
  'emulator',
  'vsoc',
  'packages/engines',
  'packages/differential',
  'packages/kernels',
  'packages/bench',
  'packages/testkit',
  'packages/cli',
  'e2e',
];

export default {
  // Generous: a loaded machine must not fail a test that does nothing wrong. Hangs still end.
  testTimeout: 120_000,
  reporters: ['default', '<rootDir>/.ci/closing-line-reporter.js'],
  // Jest's own default leaves one core idle, half the machine on two cores.
  maxWorkers: '100%',
  // What jest keeps of hundreds of files costs more time to collect than a new worker to start.
  workerIdleMemoryLimit: '700MB',
  projects: folders.map((folder) => ({
    displayName: folder.replace('packages/', ''),
    rootDir: folder,
    testEnvironment: 'node',
    testEnvironmentOptions: {
      customExportConditions: ['fireball-source', 'node'],
    },
    setupFiles: ['.ci/property-seed.js', '.ci/debug-checks.js'].map((name) => fileURLToPath(new URL(name, import.meta.url))),
    testMatch: ['<rootDir>/src/**/*.test.ts'],
    extensionsToTreatAsEsm: ['.ts'],
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
    transform: {
      '\\.ts$': [
        '@swc/jest',
        {
          jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
          module: { type: 'es6' },
          sourceMaps: 'inline',
        },
      ],
    },
  })),
};
