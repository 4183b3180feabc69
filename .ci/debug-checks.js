// Jest set-up: code that tests compile is checked while it is made (docs/environment.md).
process.env.FIREBALL_RECOUNT ??= '1';
