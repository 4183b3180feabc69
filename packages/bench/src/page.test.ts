import { describe, expect, it } from '@jest/globals';
import { updatePage } from './page.js';

describe('updatePage', () => {
  it('makes a page where there is none, and repeats exactly', () => {
    const page = updatePage(undefined, 'kernels', 'one');
    expect(page).toContain('# Performance');
    expect(updatePage(page, 'kernels', 'one')).toBe(page);
  });
  it('replaces its section and nothing else', () => {
    const both = updatePage(updatePage(undefined, 'kernels', 'one'), 'modules', 'other');
    const page = both.replace('# Performance', '# Performance\n\nbefore') + '\nafter\n';
    expect(updatePage(page, 'kernels', 'two')).toBe(page.replace('one', 'two'));
    expect(updatePage(page, 'modules', 'two')).toBe(page.replace('other', 'two'));
  });
  it('adds its section to a page without one', () => {
    expect(updatePage('# Mine\n', 'kernels', 'one')).toBe('# Mine\n\n<!-- bench kernels: begin -->\none\n<!-- bench kernels: end -->\n');
  });
});
