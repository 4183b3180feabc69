import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import eslint from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Every package's folder. What each may import is read from its package.json, so the rule has one source. */
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

const manifests = folders.map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(new URL(`./${folder}/package.json`, import.meta.url), 'utf8')),
}));
const layerOf = new Map(manifests.map(({ manifest }) => [manifest.name, manifest.fireball.layer]));

/** Only listed dependencies of a lower layer, and only by their name: no deep imports, no sideways or upward ones. Tests may have more. */
const importRule = (manifest, dependencies) => {
  const lower = Object.keys(dependencies).filter((name) => layerOf.has(name) && layerOf.get(name) < manifest.fireball.layer);
  const allowed = lower.map((name) => name.slice('@fireball/'.length).replaceAll('.', '\\.'));
  return [
    'error',
    {
      patterns: [
        {
          regex: `^@fireball/(?!(?:${allowed.join('|') || '$.'})$)`,
          message: `${manifest.name} (layer ${manifest.fireball.layer}) may import ${lower.join(', ') || 'no package of ours'}, by name only.`,
        },
      ],
    },
  ];
};
const layerRules = manifests.flatMap(({ folder, manifest }) => [
  {
    files: [`${folder}/**/*.ts`],
    rules: {
      // Test tools are the workspace's own dependencies.
      'import-x/no-extraneous-dependencies': [
        'error',
        {
          devDependencies: ['**/*.test.ts', '**/testing/**', '**/tools/**'],
          packageDir: [import.meta.dirname, join(import.meta.dirname, folder)],
        },
      ],
      'no-restricted-imports': importRule(manifest, manifest.dependencies ?? {}),
    },
  },
  {
    files: [`${folder}/**/*.test.ts`, `${folder}/**/testing/**/*.ts`],
    rules: { 'no-restricted-imports': importRule(manifest, { ...manifest.dependencies, ...manifest.devDependencies }) },
  },
]);

export default tseslint.config(
  {
    ignores: ['**/dist/', '**/build/', '**/node_modules/', '**/generated/', '.fireball/', 'examples/**', 'packages/wasm/assembly/'],
  },
  eslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      'max-lines': ['error', { max: 600 }],
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-var': 'error',
    },
  },
  // Written by a script, one line for each of libunicorn's constants.
  { files: ['packages/unicorn.js/src/constants/*.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.json'],
          extensionAlias: { '.js': ['.ts', '.js'] },
          conditionNames: ['fireball-source', 'node', 'import', 'default'],
        }),
      ],
    },
    rules: {
      // A relative import never leaves its package.
      'import-x/no-relative-packages': 'error',
      'no-console': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'exit', message: 'Only packages/cli/src/main.ts ends the process.' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers in messages are what this code base is about.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Indices are checked by noUncheckedIndexedAccess; where a bound was just proved, `!` says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A parameter that only names the arguments' tuple still ties two signatures together.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Bit fields compare to constants that the type checker can fold.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // Implementations of an interface name the parameters that they ignore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }, 'string'] }],
    },
  },
  // Where operations are switched over, no `default` may swallow one that is new.
  {
    files: ['jit/**/*.ts', 'vsoc/**/*.ts', 'packages/wasm/**/*.ts', 'packages/differential/**/*.ts'],
    rules: { '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }] },
  },
  ...layerRules,
  {
    files: ['**/src/**/*.ts'],
    // Tests have no users. unicorn.js throws what its peer throws; the worker of wabt is asked by one caller, which makes an error of its answer.
    ignores: ['**/*.test.ts', '**/testing/**', 'e2e/**', 'packages/unicorn.js/**', 'packages/engines/src/inputs/wabt-worker.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ThrowStatement > NewExpression[callee.name=/^(Error|RangeError|TypeError|SyntaxError)$/]',
          message: 'Errors are of a family in packages/contracts/src/errors.ts; a mistake of ours is an InternalError.',
        },
      ],
    },
  },
  {
    files: ['packages/cli/src/**/*.ts', '**/tools/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['packages/cli/src/main.ts', '**/tools/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  // Makes code of numbers: templates' metadata, which a user may bring, too.
  { files: ['jit/src/templates/straight-line.ts'], rules: { '@typescript-eslint/no-implied-eval': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' },
    },
  },
  {
    files: ['packages/web/client/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'addEventListener',
          'clearTimeout',
          'document',
          'history',
          'localStorage',
          'location',
          'matchMedia',
          'navigator',
          'ResizeObserver',
          'setTimeout',
          'WebSocket',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  // The editor loads its extensions by require.
  { files: ['editors/vscode/*.js'], languageOptions: { sourceType: 'commonjs' } },
);
