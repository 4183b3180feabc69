import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { main } from './testing/fireball.js';

const uBoot = '/usr/lib/u-boot/qemu-riscv64/u-boot.bin';
const qemu = '/usr/bin/qemu-system-riscv64';

/** What is typed at the prompt, one after another; none of it asks for what differs between the machines by intention. */
const commands = [
  'version',
  'printenv board',
  'setenv greeting hello from; echo ${greeting} ${board}; printenv greeting',
  'crc32 80000000 100',
  'md.l 80000000 8',
  'mw.l 81000000 12345678 4; md.b 81000000 10',
  'cp.l 80000000 81000000 40; cmp.l 80000000 81000000 40',
  'mw.b 81000041 5a; cmp.b 80000000 81000000 100',
  'itest 7 -lt 8 && echo less; itest 7 -gt 8 || echo not greater',
  'nothing of this name',
  'for number in 1 2 3; do echo ${number}; done',
];
const prompt = '=> ';

/** Types each command once the prompt is there; the text from the first prompt on. */
async function converse(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = '';
      let next = 0;
      let stopped = false;
      const end = setTimeout(() => {
        reject(new Error(`${program} has not come to the end: ${text}`));
      }, 40_000);
      child.on('error', reject);
      child.on('exit', () => {
        reject(new Error(`${program} has ended: ${text}`));
      });
      child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
      child.stdout.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        if (!stopped && text.includes('stop autoboot')) {
          stopped = true;
          child.stdin.write(' ');
        }
        if (!text.endsWith(`\n${prompt}`)) return;
        if (next < commands.length) {
          child.stdin.write(`${commands[next++]}\r`);
          return;
        }
        clearTimeout(end);
        resolve(text.slice(text.indexOf(prompt)).replaceAll('\r', ''));
      });
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
}

describe("Debian's U-Boot on virt-rv64", () => {
  const missing = [uBoot, qemu].filter((file) => !existsSync(file));
  (missing.length === 0 ? it : it.skip)(
    `answers a script of commands as under QEMU${missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} is not installed)`}`,
    async () => {
      const ours = await converse(process.execPath, [main, 'emulate', uBoot, '--base', '0x80000000', '--machine', 'virt-rv64', '--max-virtual-time', '1000']);
      expect(ours.split(`\n${prompt}`)).toHaveLength(commands.length + 1);
      expect(ours).toBe(await converse(qemu, ['-M', 'virt', '-bios', uBoot, '-display', 'none', '-monitor', 'none', '-serial', 'stdio']));
    },
    90_000,
  );
});
