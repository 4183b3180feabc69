// Jest set-up: property tests draw the same cases on every run, so that a change is not refused for what it did not touch.
// `PROPERTY_SEED` chooses others; the nightly run does.
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROPERTY_SEED ?? 1) });
