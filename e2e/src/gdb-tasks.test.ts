/** Tasks of an RTOS as threads of Debian's gdb, on programs of ours that keep them as FreeRTOS does, and as Zephyr. */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gdb, hasGdb, runGdb, Served } from './gdb/clients.js';

const withGdb = hasGdb ? describe : describe.skip;

const started: Served[] = [];
afterEach(() => {
  for (const served of started.splice(0)) served.kill();
});

withGdb(`tasks as FreeRTOS keeps them (${hasGdb ? gdb : `${gdb} is not installed: skipped`})`, () => {
  it.each([
    { architecture: 'thumb2', machine: 'mps2-an386' },
    { architecture: 'rv32', machine: 'virt-rv32' },
  ])(
    '$machine: names, states, frames and values of those that do not run; steps and breakpoints over switches',
    async ({ architecture, machine }) => {
      const image = fileURLToPath(new URL(`../../e2e/firmware/debug/tasks-${architecture}.elf`, import.meta.url));
      const served = await Served.start([image, '--machine', machine, '--wait']);
      started.push(served);
      const printed = await runGdb(served.port, [
        ...['info threads', 'break look if round == 2', 'continue', 'info threads', 'echo \\n==\\n'],
        ...['thread 3', 'bt', 'frame function turns', 'print kept', 'print rounds', 'print/x $sp', 'print stacks[0] < $sp && $sp < stacks[1]', 'echo \\n==\\n'],
        ...['thread 4', 'print $pc == never', 'set var $sp = 0', 'echo \\n==\\n'],
        // Over a yield, in which the other task has its turn.
        ...['thread 2', 'delete', 'finish', 'next', 'next', 'print round', 'tbreak turns', 'reverse-continue', 'info threads', 'continue'],
      ]);
      const [lists, alpha, gamma, rest] = printed.split(/^==\n/m);
      const threads = [...lists!.matchAll(/^[* ] (\d+) +Thread \d+ ("\S+" \(\w+\)) +(?:0x\S+ in )?(\w+) /gm)].map(([, id, name, at]) => `${id} ${name} ${at}`);
      expect(threads).toEqual(['2 "beta" (running) look', '3 "alpha" (ready) yield', '4 "gamma" (blocked) never', '5 "delta<4>" (suspended) never']);
      expect(lists).toMatch(/^\* 1 +Thread 1 "/m);
      expect(alpha).toMatch(/^#1 .* in turns \(rounds=rounds@entry=100, step=step@entry=2\)/m);
      expect(alpha).toMatch(/^#2 .* in alpha \(\)/m);
      // Three rounds of two.
      expect([...alpha!.matchAll(/^\$\d+ = (.*)$/gm)].map(([, value]) => value)).toEqual(['6', '100', expect.stringMatching(/^0x/), '1']);
      expect(gamma).toContain('= 1');
      // What is saved on its stack is not to be written.
      expect(gamma).toMatch(/E01/);
      expect(rest).toMatch(/= 3$/m);
      expect(rest).toMatch(/Thread 3 "alpha" hit Temporary breakpoint 2, turns \(/);
      expect(rest).toMatch(/^\* 3 +Thread 3 "alpha" \(running\)/m);
      expect(await served.ended()).toBe(7);
    },
    60_000,
  );
});

withGdb(`threads as Zephyr keeps them (${hasGdb ? gdb : `${gdb} is not installed: skipped`})`, () => {
  it.each([
    { architecture: 'thumb2', machine: 'mps2-an386' },
    { architecture: 'rv32', machine: 'virt-rv32' },
  ])(
    '$machine: names, states, frames and values of those that do not run; breakpoints over switches, backwards too',
    async ({ architecture, machine }) => {
      const image = fileURLToPath(new URL(`../../e2e/firmware/debug/threads-${architecture}.elf`, import.meta.url));
      const served = await Served.start([image, '--machine', machine, '--wait']);
      started.push(served);
      const printed = await runGdb(served.port, [
        ...['info threads', 'break look if round == 2', 'continue', 'info threads', 'echo \\n==\\n'],
        ...['thread 5', 'bt', 'frame function turns', 'print kept', 'print rounds', 'print stacks[0] < $sp && $sp < stacks[1]', 'echo \\n==\\n'],
        ...['thread 4', 'print $pc == never', 'set var $sp = 0', 'echo \\n==\\n'],
        ...['thread 2', 'delete', 'tbreak turns', 'reverse-continue', 'info threads', 'continue'],
      ]);
      const [lists, alpha, gamma, rest] = printed.split(/^==\n/m);
      const threads = [...lists!.matchAll(/^[* ] (\d+) +Thread \d+ ("\S+" \(\w+\)) +(?:0x\S+ in )?(\w+) /gm)].map(([, id, name, at]) => `${id} ${name} ${at}`);
      expect(threads.map((thread) => thread.replace(/0x\w+/, '0x'))).toEqual([
        '2 "beta" (running) look',
        '3 "0x" (suspended) never',
        '4 "gamma" (pending) never',
        '5 "alpha" (ready) yield',
      ]);
      expect(lists).toMatch(/^\* 1 +Thread 1 "/m);
      expect(alpha).toMatch(/^#1 .* in turns \(rounds=rounds@entry=100, step=step@entry=2\)/m);
      expect(alpha).toMatch(/^#2 .* in alpha \(\)/m);
      // Three rounds of two.
      expect([...alpha!.matchAll(/^\$\d+ = (.*)$/gm)].map(([, value]) => value)).toEqual(['6', '100', '1']);
      expect(gamma).toContain('= 1');
      expect(gamma).toMatch(/E01/);
      expect(rest).toMatch(/Thread 5 "alpha" hit Temporary breakpoint 2, turns \(/);
      expect(rest).toMatch(/^\* 5 +Thread 5 "alpha" \(running\)/m);
      expect(await served.ended()).toBe(7);
    },
    60_000,
  );
});
