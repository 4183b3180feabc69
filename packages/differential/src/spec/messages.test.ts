import { expect, it } from '@jest/globals';
import { InternalError, InvalidInputError, MissingPartError, SettingError, SystemError, UnsupportedError, UsageError } from '@fireball/contracts';
import { errorOf, replyOf, type SpecReply } from './messages.js';

it.each([
  new InvalidInputError('broken', { file: 'a.wast', line: 3 }),
  new UnsupportedError('threads', { offset: 9 }),
  new MissingPartError('libunicorn', 'apt-get install libunicorn-dev'),
  new SettingError('budget', 'too small'),
  new UsageError('wrong'),
  new SystemError('the disk is full'),
  new InternalError('impossible'),
])('$name is the same error on the other side of a process', (error) => {
  const sent = structuredClone(replyOf(error)) as Exclude<SpecReply, { kind: 'result' }>;
  const { name, message, exitStatus } = errorOf(sent);
  expect({ name, message, exitStatus }).toEqual({ name: error.name, message: error.message, exitStatus: error.exitStatus });
});

it('an error of the system is none of ours', () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  expect(replyOf(full)).toEqual({ kind: 'system', message: 'the system cannot go on: there is no room left on the device' });
});
