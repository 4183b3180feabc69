import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const addon = fileURLToPath(new URL('../build/unicorn.node', import.meta.url));

/**
 * Runs a script against the bare addon in a process of its own, where a crash shows as a signal.
 * `open()` gives an Arm engine; `ram(engine)` maps 64 KiB with an endless loop at 0x1000.
 */
function child(script: string, flags: readonly string[] = []): { signal: string | null; stdout: string; stderr: string } {
  const prelude = `
    const native = require(${JSON.stringify(addon)});
    const open = () => { const e = new native.Engine(); e.open(1, 16); e.ctl_set_cpu_model(9); return e; };
    const ram = (e) => { const b = new Uint8Array(e.mem_map_native(0x1000, 0x10000, 7, 0x10000)); b.set([0xfe, 0xe7]); return b; };
    const nothing = () => 0;
    const tick = () => new Promise((resolve) => setImmediate(resolve));
    (async () => {${script}})();`;
  const done = spawnSync(process.execPath, ['--expose-gc', ...flags, '-e', prelude], { encoding: 'utf8' });
  return { signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

const fine = (stdout: string) => ({ signal: null, stdout, stderr: '' });

describe('lifetimes, each in a child process', () => {
  it('200 engines opened, run and closed leave no memory behind', () => {
    const result = child(`
      const cycle = () => { const e = open(); ram(e)[100] = 1; e.run(0x1000, 100, nothing); e.close(); };
      for (let i = 0; i < 20; i++) cycle();
      gc(); await tick();
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 200; i++) { cycle(); if (i % 20 === 0) { gc(); await tick(); } }
      gc(); await tick();
      const grown = (process.memoryUsage().rss - before) / 2 ** 20;
      process.stdout.write(grown < 100 ? 'ok' : 'grown by ' + grown + ' MiB');`);
    expect(result).toEqual(fine('ok'));
  });
  it('engines dropped without close are collected', () => {
    const result = child(`
      for (let i = 0; i < 60; i++) { const e = open(); ram(e); e.run(0x1000, 10, nothing); if (i % 10 === 0) { gc(); await tick(); } }
      gc(); await tick(); process.stdout.write('ok');`);
    expect(result).toEqual(fine('ok'));
  });
  it('the buffer outlives a forgotten engine, and the engine the buffer', () => {
    const result = child(`
      let e = open(); const kept = ram(e); e = undefined; gc(); await tick();
      kept.fill(7);
      const f = open(); ram(f); gc(); await tick(); gc(); await tick();
      f.run(0x1000, 1000, nothing);
      process.stdout.write(String(kept[5]) + f.close());`);
    expect(result).toEqual(fine('70'));
  });
  it('close frees at once, within one turn of the event loop', () => {
    const result = child(`
      const rss = () => require('node:fs').readFileSync('/proc/self/statm', 'utf8').split(' ')[1] * 4096;
      const cycle = () => {
        const e = open();
        for (let i = 0; i < 4; i++) new Uint8Array(e.mem_map_native(0x100000 * (i + 1), 0x40000, 7, 0x40000)).fill(1);
        ram(e); e.run(0x1000, 100, nothing); e.close();
      };
      for (let i = 0; i < 50; i++) cycle();
      const before = rss();
      for (let i = 0; i < 300; i++) cycle();
      const grown = (rss() - before) / 300 / 1024;
      process.stdout.write(grown < 30 ? 'ok' : grown + ' KiB an engine');`);
    expect(result).toEqual(fine('ok'));
  });
  it('a buffer moved elsewhere stays safe to use after close', () => {
    const result = child(
      `
      const e = open(); const b = ram(e);
      const moved = b.buffer.transfer(); e.close();
      const view = new Uint8Array(moved); view.fill(1);
      gc(); await tick(); process.stdout.write(String(view[9]));`,
      ['--harmony-rab-gsab-transfer'],
    );
    expect(result).toEqual(fine('1'));
  });
  it('a detached or cloned buffer leaves the guest its memory', () => {
    const result = child(`
      const e = open(); let b = ram(e);
      try { structuredClone(b.buffer, { transfer: [b.buffer] }); } catch {}
      try { new MessageChannel().port1.postMessage(b.buffer, [b.buffer]); } catch {}
      b = undefined; gc(); await tick(); gc(); await tick();
      process.stdout.write(String(e.run(0x1000, 1000, nothing)) + e.close());
      process.exit(0);`);
    expect(result).toEqual(fine('00'));
  });
  it.each(['process.exit(0)', 'process.reallyExit(0)'])('%s inside a hook ends quietly', (exit) => {
    const result = child(`
      const e = open(); ram(e); e.hook_add(4, 1, 1, 0, 0, 0);
      e.run(0x1000, 1000, () => { process.stdout.write('bye'); ${exit}; });`);
    expect(result).toEqual(fine('bye'));
  });
  it('a worker thread terminated inside a run ends quietly', () => {
    const result = child(`
      const { Worker } = require('node:worker_threads');
      const source = \`
        const native = require(${JSON.stringify(addon)});
        const e = new native.Engine(); e.open(1, 16); e.ctl_set_cpu_model(9);
        new Uint8Array(e.mem_map_native(0x1000, 0x10000, 7, 0x10000)).set([0xfe, 0xe7]);
        e.hook_add(4, 1, 1, 0, 0, 0);
        require('node:worker_threads').parentPort.postMessage('started');
        e.run(0x1000, 2 ** 53, () => 0);\`;
      const worker = new Worker(source, { eval: true });
      worker.once('message', async () => { await tick(); await worker.terminate(); process.stdout.write('ok'); });`);
    expect(result).toEqual(fine('ok'));
  });
  it('methods on foreign objects throw', () => {
    const result = child(`
      const attempt = (f) => { try { f(); return 'none'; } catch (error) { return error.name; } };
      const { run, context_save } = native.Engine.prototype;
      const e = open();
      process.stdout.write([
        attempt(() => run.call({}, 0, 1, nothing)),
        attempt(() => run.call(new native.Context(), 0, 1, nothing)),
        attempt(() => context_save.call(e, e)),
        attempt(() => e.run(0, 1)),
      ].join());`);
    expect(result).toEqual(fine('TypeError,TypeError,TypeError,TypeError'));
  });
});
