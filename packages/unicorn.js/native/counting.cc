#include "counting.h"

#include "it-block.h"

namespace unicornjs {
namespace {

void Cover(RunState& run, uint64_t address) {
  if (!run.covered.Contains(address)) return;
  const uint64_t bit = (address - run.covered.begin) >> 1;
  run.coverage->base()[bit >> 3] |= static_cast<uint8_t>(1 << (bit & 7));
}

}  // namespace

uint16_t HalfwordAt(Engine* engine, uint64_t address) {
  const uint8_t* host = engine->HostHalfword(address);
  return host == nullptr ? 0 : static_cast<uint16_t>(host[0] | host[1] << 8);
}

void Count(RunState& run, uint64_t address, int64_t weight) {
  run.executed += weight;
  if (run.ranges && run.counted.Contains(address)) run.in_range += weight;
}

void Retire(RunState& run) {
  run.retired = run.current;
  if (run.ranges && run.counted.Contains(run.current)) run.retired_in_range = static_cast<int64_t>(run.current);
}

void Begin(RunState& run, uint64_t address) {
  if (run.started) Retire(run);
  run.current = address;
  run.started = true;
  if (run.ranges) Cover(run, address);
}

uint64_t ItBlockLength(Engine* engine, uint64_t first, uint8_t state) {
  uint64_t end = first;
  for (int slot = ItRemaining(state); slot > 0; slot--) {
    end += IsWide(HalfwordAt(engine, end)) ? 4 : 2;
  }
  return end - first;
}

void EnterItBlock(Engine* engine, RunState& run, uint64_t first, uint8_t state, uint64_t unit) {
  run.it_block = {first, ItBlockLength(engine, first, state)};
  run.it_state = state;
  run.it_unit = unit;
  run.it_begun = run.executed - (run.started ? 1 : 0);
  Count(run, unit, ItRemaining(state));
}

}  // namespace unicornjs
