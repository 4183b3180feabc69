export { builtCli, documentOf, runCli, withFolder } from './cli.js';
