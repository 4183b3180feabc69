// Registers of chips that no board of ours has: each reads what was written to it last. What firmware reads over and over again, without a write to
// it, it waits for: all bits of such a register are the other way round for as many reads, and so on.
const longPoll = 64;

export default {
  name: 'stored',
  summary: 'registers that read what was written last; what is polled changes',
  size: 'board',
  create: () => {
    const state = { words: {}, reads: {} };
    const get = (word) => state.words[word] ?? 0;
    return {
      state,
      reset() {
        Object.assign(state, { words: {}, reads: {} });
      },
      read(offset, size) {
        const word = offset & ~3;
        const reads = (state.reads[word] ?? 0) + 1;
        state.reads[word] = reads;
        const flips = Math.floor(reads / longPoll) % 2 === 1;
        const value = flips ? ~get(word) >>> 0 : get(word);
        return (value >>> (8 * (offset & 3))) % 2 ** (8 * size);
      },
      write(offset, size, value) {
        const word = offset & ~3;
        const shift = 8 * (offset & 3);
        const mask = (2 ** (8 * Math.min(size, 4)) - 1) << shift;
        state.reads[word] = 0;
        state.words[word] = ((get(word) & ~mask) | ((value << shift) & mask)) >>> 0;
      },
    };
  },
};
