#!/usr/bin/env node
import { createRequire } from 'node:module';
import type { main } from './main.js';
import { Scripts } from './scripts.js';

const folder = import.meta.dirname;
const entry = './command-line.js';

/** Places in a stack are then those of the sources, not of the bundle: only Node's own loader has them, and only those who ask for stacks read them. */
function loadWithPlaces(): unknown {
  process.setSourceMapsEnabled(true);
  return createRequire(`${folder}/`)(entry);
}

const commandLine = (process.argv.includes('--verbose') ? loadWithPlaces() : new Scripts(folder).load(entry)) as { readonly main: typeof main };
void commandLine.main();
