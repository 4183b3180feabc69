import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundledKernels } from '@fireball/kernels';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

const sha256 = new Uint8Array(readFileSync(join(bundledKernels, 'wasm', 'sha256.wasm')));

function changed(offset: number, value: number): Uint8Array {
  const copy = sha256.slice();
  copy[offset] = value;
  return copy;
}

describe('a broken module', () => {
  it.each([
    { name: 'empty', bytes: new Uint8Array(0), offset: '0x0' },
    { name: 'cut in the preamble', bytes: sha256.slice(0, 6), offset: '0x6' },
    { name: 'cut in a section header', bytes: sha256.slice(0, 9), offset: '0x9' },
    { name: 'cut in the code', bytes: sha256.slice(0, 700), offset: '0x' },
    { name: 'cut by one byte', bytes: sha256.slice(0, -1), offset: '0x' },
    { name: 'wrong magic', bytes: changed(0, 1), offset: '0x0' },
    { name: 'wrong version', bytes: changed(4, 2), offset: '0x4' },
    { name: 'unknown section', bytes: changed(8, 77), offset: '0x8' },
    { name: 'type section of 4 GiB', bytes: Uint8Array.from([...sha256.slice(0, 8), 1, 255, 255, 255, 255, 15]), offset: '0x' },
    { name: 'a program of another kind', bytes: new TextEncoder().encode('#!/bin/sh'), offset: '0x0' },
  ])('$name: exit 65 soon, with the byte offset', ({ bytes, offset }) => {
    return withFolder({ 'a.wasm': bytes }, (folder) => {
      const file = join(folder, 'a.wasm');
      const result = runCli(['run', file]);
      expect(result.stderr).toContain(`fireball: ${file}, offset ${offset}`);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
      expect(result).toMatchObject({ status: 65, stdout: '' });
      expect(result.cpuMilliseconds).toBeLessThan(1000);
    });
  });

  it('has its facts in the JSON document', () => {
    return withFolder({ 'a.wasm': changed(4, 2) }, (folder) => {
      const file = join(folder, 'a.wasm');
      const { error } = documentOf(runCli(['diff', folder, '--json'])) as { error: unknown };
      expect(error).toMatchObject({ family: 'InvalidInputError', file, offset: 4, exitStatus: 65 });
    });
  });
});

describe('other bad inputs', () => {
  it.each([
    { files: {}, path: 'none.wasm', says: 'cannot be read: no such file' },
    { files: {}, path: '.', says: 'cannot be read: is a folder' },
    { files: { 'a.wat': '(module\n  (func (result i33)))' }, path: 'a.wat', says: 'line 2: ' },
    { files: { 'a.wat': '(module (func (export "run") (result i32) i64.const 1))' }, path: 'a.wat', says: 'type mismatch' },
    { files: { 'a.wat': '(module (import "env" "f" (func)) (func (export "run")))' }, path: 'a.wat', says: '"env" "f"' },
    {
      files: { 'a.wat': '(module (table 20000000 funcref) (func (export "run")))' },
      path: 'a.wat',
      says: 'a.wat: not supported: a table of 20000000 elements',
    },
  ])('$path $files', ({ files, path, says }) => {
    return withFolder(files, (folder) => {
      const result = runCli(['run', join(folder, path)]);
      expect(result.stderr).toContain(says);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
      expect(result).toMatchObject({ status: 65, stdout: '' });
    });
  });

  it('a folder without modules', () => {
    return withFolder({ 'notes.txt': '' }, (folder) => {
      expect(runCli(['diff', folder])).toMatchObject({ status: 65, stderr: expect.stringContaining('no .wasm or .wat file') });
    });
  });
});
