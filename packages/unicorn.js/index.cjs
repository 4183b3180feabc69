// For `require`: the factory itself, as unicorn.js v2 exports it. What is behind it is an ES module.
'use strict';

module.exports = function MUnicorn() {
  return import('./dist/index.js').then((module) => module.MUnicorn());
};
