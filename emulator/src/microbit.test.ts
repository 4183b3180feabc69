import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readImage } from '@fireball/image';
import { loadBoard } from './board-file.js';
import { createProcessor } from './machine/cores.js';
import { Machine } from './machine/machine.js';

/** Of Debian's package firmware-microbit-micropython. */
const firmware = '/usr/share/firmware-microbit-micropython/firmware.hex';
const prompt = '>>> ';

/** A machine and the one who types on its console. */
class Dialogue {
  private constructor(readonly machine: Machine) {}
  text = '';

  static async with(image: string, board: string): Promise<Dialogue> {
    const loaded = await loadBoard(board);
    const machine = new Machine({ ...loaded, createProcessor });
    machine.load(readImage(readFileSync(image)));
    const dialogue = new Dialogue(machine);
    dialogue.#listen(loaded.board.console ?? '');
    machine.reset();
    return dialogue;
  }

  #wanted = '';

  #listen(console: string): void {
    this.machine.serial(console).onOutput = (byte) => {
      this.text += String.fromCharCode(byte);
      if (this.#wanted !== '' && this.text.endsWith(this.#wanted)) this.machine.stop();
    };
  }

  /** Runs until the firmware has written `text`; what it has written since the last time. */
  until(text: string, instructions = 50_000_000): string {
    this.text = '';
    this.#wanted = text;
    const end = this.machine.run({ instructions });
    if (end.kind !== 'stopped') throw new Error(`${JSON.stringify(end)} after ${JSON.stringify(this.text)}`);
    return this.text;
  }

  /** One line, and what comes back between its echo and the next prompt. */
  say(line: string): string {
    this.machine.serial('uart').type(`${line}\r`);
    const answer = this.until(prompt);
    return answer.slice(answer.indexOf('\n') + 1, -prompt.length).trimEnd();
  }
}

const needsFirmware = existsSync(firmware) ? describe : describe.skip;

needsFirmware('microbit with MicroPython (skipped without firmware-microbit-micropython)', () => {
  it('prompts, computes, keeps files, traces, sleeps, measures', async () => {
    const board = await Dialogue.with(firmware, 'microbit');
    expect(board.until(prompt)).toBe(
      `\0MicroPython v1.9.2-34-gd64154c73 on 2017-09-01; micro:bit v1.0.1 with nRF51822\r\nType "help()" for more information.\r\n${prompt}`,
    );
    expect(board.say('print(6*7)')).toBe('42');
    expect(board.say('2**100')).toBe('1267650600228229401496703205376');
    expect(board.say("f = open('a.txt', 'w'); f.write('hello'); f.close()")).toBe('5');
    expect(board.say("import os; os.listdir(), open('a.txt').read()")).toBe("(['a.txt'], 'hello')");
    expect(board.say('1/0')).toBe('Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\nZeroDivisionError: division by zero');
    expect(board.say('from microbit import *')).toBe('');
    const elapsed = Number(board.say('t = running_time(); sleep(250); running_time() - t'));
    expect(elapsed).toBeGreaterThanOrEqual(250);
    expect(elapsed).toBeLessThan(270);
    expect(board.say('temperature()')).toBe('25');
    expect(board.say('accelerometer.get_values()')).toBe('(0, 0, -1024)');
    expect(board.say('compass.get_x(), button_a.is_pressed(), button_b.is_pressed()')).toMatch(/^\(-?\d+, False, False\)$/);
    board.machine.pin('gpio.17').set(false);
    expect(board.say('sleep(100); button_a.is_pressed(), button_b.is_pressed()')).toBe('(True, False)');
    expect(board.say("display.show('A'); display.get_pixel(2, 0), pin0.read_analog()")).toBe('(9, 0)');
    expect(board.say('import random; random.randint(1, 6) in range(1, 7)')).toBe('True');
    expect(board.say('pin1.write_digital(1)')).toBe('');
    expect(board.machine.pin('gpio.2').level).toBe(true);
    expect(board.say('pin1.read_digital()')).toBe('0');
    expect(board.say('i2c.scan()')).toBe('[14, 29]');
    expect(board.say('i2c.write(29, b"\\x0d", repeat=True); i2c.read(29, 1), compass.get_z()')).toBe("(b'Z', 40000)");
    // AIN4 is edge connector pin 0, P0.03.
    board.machine.pin('gpio.3').set(true);
    expect(board.say('pin0.read_analog(), pin0.read_digital()')).toBe('(1023, 1)');
    expect(board.say('import radio; radio.on(); radio.send("x"); radio.receive()')).toBe('');
    expect(board.say('import machine; len(machine.unique_id())')).toBe('8');
    board.machine.close();
  });

  it('shows an image by its matrix of three rows and nine columns', async () => {
    const board = await Dialogue.with(firmware, 'microbit');
    const { machine } = board;
    board.until(prompt);
    expect(board.say('from microbit import *; display.show(Image("90000:00000:00000:00000:00009"))')).toBe('');
    const lit = new Set<string>();
    const rows = [13, 14, 15];
    const columns = [4, 5, 6, 7, 8, 9, 10, 11, 12];
    for (let sample = 0; sample < 100; sample++) {
      machine.run({ until: machine.timeline.now + 16_000 });
      for (const row of rows)
        for (const column of columns) if (machine.pin(`gpio.${row}`).level && !machine.pin(`gpio.${column}`).level) lit.add(`${row - 12}.${column - 3}`);
    }
    // LEDs 1.1 and 3.2 are the corners left above and right below; 2.8 and 2.9 are not there.
    expect([...lit].sort()).toEqual(['1.1', '2.8', '2.9', '3.2']);
    machine.close();
  });

  it('ends the same in slices of any size, and twice', async () => {
    const total = 1_500_000;
    const ends = [];
    for (const slice of [777, 1_000_000, 1_000_000]) {
      const board = await Dialogue.with(firmware, 'microbit');
      const { machine } = board;
      // The firmware keeps 64 characters that come faster than it reads them.
      machine.serial('uart').type('from microbit import *;i2c.scan(),accelerometer.get_z()\r');
      while (machine.instructions < total) machine.run({ instructions: Math.min(slice, total - machine.instructions) });
      ends.push([machine.timeline.now, board.text, Buffer.from(machine.memory('ram')).toString('base64')]);
      machine.close();
    }
    expect(ends[0]?.[1]).toContain('([14, 29], -1024)');
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[1]).toEqual(ends[2]);
  });
});
