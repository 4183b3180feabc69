import { expect, it } from '@jest/globals';
import { findFunctions, functionsNamed } from './function-names.js';

const names = [
  'run',
  'area',
  'Sq::area() const',
  'Rc::area() const',
  'ns::Rc::area(int, char) const',
  'int ns::max<int>(int, int)',
  'operator delete(void*)',
  'Fun::operator()(int)',
  'std::ostream& operator<< <char>(std::ostream&, char)',
  '(anonymous namespace)::hidden(int)',
  'core::fmt::Formatter::pad::h0123456789abcdef',
  '<alloc::string::String as core::fmt::Display>::fmt::hfedcba9876543210',
  'std::function<int (int)>::call(int)',
  'as/a/list',
  'a b',
];
const all = names.map((name, index) => ({ name, index }));

it.each([
  ['run', ['run']],
  ['f2', ['Sq::area() const']],
  ['area', ['area']],
  ['Sq::area', ['Sq::area() const']],
  ['Rc::area', ['Rc::area() const', 'ns::Rc::area(int, char) const']],
  ['Rc::area() const', ['Rc::area() const']],
  ['Rc::area(int, char) const', ['ns::Rc::area(int, char) const']],
  ['max', ['int ns::max<int>(int, int)']],
  ['max<int>', ['int ns::max<int>(int, int)']],
  ['ns::max<int>(int, int)', ['int ns::max<int>(int, int)']],
  ['operator delete', ['operator delete(void*)']],
  ['operator()', ['Fun::operator()(int)']],
  ['hidden', ['(anonymous namespace)::hidden(int)']],
  ['(anonymous namespace)::hidden', ['(anonymous namespace)::hidden(int)']],
  ['Formatter::pad', ['core::fmt::Formatter::pad::h0123456789abcdef']],
  ['fmt', ['<alloc::string::String as core::fmt::Display>::fmt::hfedcba9876543210']],
  ['call', ['std::function<int (int)>::call(int)']],
  ['a b', ['a b']],
  ['b', []],
  ['int', []],
  ['', []],
  ['ax', []],
])('%s means %j', (wanted, found) => {
  expect(findFunctions(wanted, all).map(({ name }) => name)).toEqual(found);
});

it('names what is near where nothing is meant', () => {
  expect(() => functionsNamed('aera', all)).toThrow("unknown function 'aera' (did you mean area?)");
});
