import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadTemplates } from '@fireball/jit';
import { runCli, withFolder } from '@fireball/testkit';

// Names that would clear a terminal, ring its bell, write right to left, or begin a line of their own.
const evil = '\\1b[31mX\\07\\0aY\\c2\\9b2J\\e2\\80\\ae';
const shown = String.raw`\u{1b}[31mX\u{7}\u{a}Y\u{9b}2J\u{202e}`;
const fileName = '\u001b[31mfile\u202e.wat';
const harmful = /[^\n\P{Cc}]|\p{Bidi_Control}/u;

const named = `(module
  (import "env" "${evil}" (func $import))
  (func (export "${evil}") (unreachable))
  (func (export "other ${evil}") (param i32) (result i32) (i32.const 1)))`;
const traps = `(module (func $inner unreachable) (func (export "run${evil}") (call $inner)) (func (export "b") unreachable))`;

describe('names from an input reach the terminal escaped', () => {
  it.each<{ args: readonly string[]; module: string; says: string }>([
    { args: ['compile', '--disassemble'], module: traps, says: shown },
    { args: ['compile'], module: traps, says: shown },
    { args: ['diff', '--engines', 'thumb2', '--imports', 'trap'], module: named, says: '0 mismatches' },
    { args: ['diff', '--invoke', 'nothing'], module: traps, says: shown },
    { args: ['run'], module: named, says: shown },
    { args: ['run', '--invoke', 'b'], module: traps, says: 'trap: unreachable' },
    { args: ['run', '--engine', 'v9\u001b[2J'], module: traps, says: String.raw`\u{1b}[2J` },
    { args: ['run'], module: `(module (import "a${evil}" "b" (func)) (func (export "run")))`, says: shown.replace(String.raw`\u{a}`, ' ') },
    { args: ['run'], module: '(module (func (export "run") i33.const "\u001b[2J"))', says: 'line 1' },
    { args: ['spec'], module: '{ "\u001b[2J"', says: 'JSON' },
  ])('$args', ({ args: [command, ...options], module, says }) =>
    withFolder({}, (folder) => {
      const file = join(folder, command === 'spec' ? fileName.replace('.wat', '.json') : fileName);
      writeFileSync(file, module);
      const { stdout, stderr } = runCli([command!, file, ...options]);
      expect(`${stdout}${stderr}`).toContain(says);
      expect(`${stdout}${stderr}`).not.toMatch(harmful);
      // What stands behind the line end in a name begins no line.
      expect(`${stdout}${stderr}`).not.toMatch(/^Y/m);
    }),
  );

  it('in a mismatch and in what explains it, one line for each line of ours', () =>
    withFolder({ 'a.wast': `(module (func (export "${evil}") (result i32) (i32.const 1)))\n(assert_return (invoke "${evil}") (i32.const 2))` }, (folder) => {
      const { stdout, status } = runCli(['spec', join(folder, 'a.wast'), '--engines', 'interp,v8']);
      expect(status).toBe(1);
      expect(stdout).toContain(`a.wast:2: interp, v8: ${shown}(): expected i32 2`);
      expect(stdout).not.toMatch(harmful);
    }));

  it('as the same values in JSON', () =>
    withFolder({ 'a.wat': traps }, (folder) => {
      const { stdout } = runCli(['compile', join(folder, 'a.wat'), '--json']);
      expect(stdout).not.toMatch(harmful);
      const { functions } = JSON.parse(stdout) as { functions: { name: string }[] };
      expect(functions.map(({ name }) => name)).toContain('run\u001b[31mX\u0007\nY\u009b2J\u202e');
    }));

  it('and a long list of names is cut, with their number', () =>
    withFolder({ 'a.wat': `(module ${Array.from({ length: 2000 }, (_, index) => `(func (export "f${index}"))`).join('')})` }, (folder) => {
      const { stderr } = runCli(['run', join(folder, 'a.wat')]);
      expect(stderr).toContain('f10, f11 and 1,988 more');
      expect(stderr.length).toBeLessThan(300);
    }));
});

describe('identical failures are shown once, with their number', () => {
  it('of a script, on several lines and engines', () =>
    withFolder(
      { 'a.wast': `(module (func (export "f") (result i32) (i32.const 1)))${'\n(assert_return (invoke "f") (i32.const 2))'.repeat(30)}` },
      (folder) => {
        const { stdout } = runCli(['spec', join(folder, 'a.wast'), '--engines', 'interp,v8']);
        expect(stdout.split('\n')[0]).toBe('a.wast:2: interp, v8: f(): expected i32 2, got i32 1 (0x00000001) (and at 29 more lines)');
        expect(stdout.trim().split('\n')).toHaveLength(4);
      },
    ));

  it('of a function, in many of its calls', () => {
    const { json } = loadTemplates('thumb2');
    const templates = json.templates.map((template) => {
      if (template.template_id !== 'bcond_n') return template;
      // Bit 8 of the half-word is the lowest of the condition (Arm ARM A7.7.12): every branch has the opposite one.
      const [low, high = 0] = Buffer.from(template.bytes, 'hex');
      return { ...template, bytes: Buffer.from([low!, high ^ 1]).toString('hex') };
    });
    const text = `(module (global (mut i32) (i32.const 0)) (func (export "f") (param i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.const 100)) (then (global.set 0 (i32.const 0)) (i32.const 1)) (else (global.set 0 (i32.const 0)) (i32.const 2)))))`;
    return withFolder({ 'thumb2.json': JSON.stringify({ ...json, templates }), 'a.wat': text }, (folder) => {
      const { stdout, status } = runCli(['diff', join(folder, 'a.wat'), '--engines', 'thumb2', '--templates', folder]);
      expect(status).toBe(1);
      const lines = stdout.trim().split('\n');
      expect(lines.filter((line) => /^ {2}and the same in \d+ more calls$/.test(line))).toHaveLength(2);
      expect(lines).toHaveLength(2 * 4 + 1);
      expect(lines.at(-1)).toContain('48 mismatches');
    });
  });
});
