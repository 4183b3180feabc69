#include "blocks.h"

#include <algorithm>

#include "counting.h"
#include "engine.h"
#include "internals.h"
#include "it-block.h"
#include "m-profile-checks.h"

namespace unicornjs {
namespace {

// More than what is left of any run.
constexpr uint64_t kHeavy = UINT64_MAX / 2;
// Blocks were worth while that counted so many instructions.
constexpr uint64_t kWorthWhile = 1024;

// Where the known release keeps the addresses that a hook is for; no address where the first is behind the last means all.
constexpr size_t kHookBounds = 0x18;
constexpr uint64_t kAll[2] = {1, 0};
constexpr uint64_t kNone[2] = {UINT64_MAX, UINT64_MAX};

uint64_t* BoundsOf(uc_hook hook) {
  uint64_t bounds[2];
  auto* at = reinterpret_cast<uint64_t*>(hook + kHookBounds);
  const bool known = CopyReadable(at, bounds, sizeof(bounds)) == sizeof(bounds) && bounds[0] == kAll[0] && bounds[1] == kAll[1];
  return known ? at : nullptr;
}

// Of an instruction in an IT block: does it certainly depend on the condition, and leave the flags as they are? Armv7-M ARM (DDI0403), A5 and A7.
bool IsPlainlyConditional(uint16_t first, uint16_t second) {
  const int group = first >> 8;
  if (!IsWide(first)) {
    // In IT blocks these set flags only to compare. BKPT, HLT and IT take no notice of the condition.
    const bool compares = (first & 0xF800) == 0x2800 || group == 0x42 || group == 0x45;
    return !compares && group != 0xBA && group != 0xBE && group != 0xBF;
  }
  // Loads and stores; data processing that does not set flags; multiplications and divisions; the FPU, but for VMRS to the flags.
  if ((first & 0xFE00) == 0xE800 || (first & 0xFE00) == 0xF800 || (first & 0xFE10) == 0xEA00 || (first & 0xFF10) == 0xFA00 || group == 0xFB) return true;
  if (group >= 0xEC && group <= 0xEE) return first != 0xEEF1;
  if ((first & 0xF800) != 0xF000) return false;
  // Branches; immediate operands, of which MOVW, MOVT and their like never set flags.
  if ((second & 0x8000) != 0) return (second & 0x9000) == 0x9000;
  return (first & 0x200) != 0 || (first & 0x10) == 0;
}

}  // namespace

std::unique_ptr<Blocks> Blocks::Install(Engine* engine, uc_hook code) {
  std::unique_ptr<Translations> translations = Translations::Find(engine->uc(), engine->arch(), engine->mode());
  if (translations == nullptr) return nullptr;
  std::unique_ptr<Blocks> blocks(new Blocks(engine, std::move(translations)));
  uc_hook block;
  if (uc_hook_add(engine->uc(), &block, UC_HOOK_BLOCK, reinterpret_cast<void*>(OnBlock), reinterpret_cast<void*>(CountingSite::kUser), uint64_t{1}, uint64_t{0}) != UC_ERR_OK) return nullptr;
  blocks->code_bounds_ = BoundsOf(code);
  blocks->block_bounds_ = BoundsOf(block);
  if (blocks->code_bounds_ == nullptr || blocks->block_bounds_ == nullptr) {
    uc_hook_del(engine->uc(), block);
    return nullptr;
  }
  if (MayCountThemselves(engine->arch(), engine->mode())) engine->run().counts = BlockCounts(blocks->translations_->words());
  blocks->Select(false);
  return blocks;
}

thread_local Blocks* Blocks::running_ = nullptr;

void Blocks::Select(bool by_blocks) {
  Collect();
  engine_->run().counts.Allow(0);
  selected_ = by_blocks;
  block_ = nullptr;
  tail_ = false;
  since_ = engine_->run().executed;
  translations_->Select(by_blocks);
  std::copy_n(by_blocks ? kNone : kAll, 2, code_bounds_);
  std::copy_n(by_blocks ? kAll : kNone, 2, block_bounds_);
}

inline bool Blocks::IsAligned(const Slot& slot) const {
  return (slot.alignment.words | slot.alignment.halves) == 0 || slot.alignment.HoldsFor(engine_->ArmRegisters());
}

void Blocks::OnBlock(uc_engine*, uint64_t address, uint32_t size, void*) {
  Blocks& blocks = *running_;
  const void* caller = __builtin_return_address(0);
  const Slot& slot = blocks.SlotOf(caller);
  if (slot.caller != caller) return blocks.Meet(address, size, static_cast<const uint8_t*>(caller));
  RunState& run = blocks.engine_->run();
  if (run.counts.Any()) blocks.Collect();
  if (run.executed + slot.weight > run.block_limit || !blocks.IsAligned(slot) || blocks.translations_->IsLeaving()) return blocks.Attend(slot);
  if (run.ranges) {
    if (run.counted.Contains(run.current)) run.retired_in_range = static_cast<int64_t>(run.current);
    if (slot.inside) run.in_range += slot.count;
  }
  blocks.before_ = run.current;
  blocks.block_ = slot.block;
  blocks.inside_ = slot.inside;
  run.current = slot.last;
  run.executed += slot.count;
  run.counts.Allow(run.block_limit - run.executed);
}

// A block that has no slot: it is new, or another one has taken it, or it counts itself, and says nothing but where it calls.
void Blocks::Meet(uint64_t address, uint32_t size, const uint8_t* caller) {
  const uint16_t number = CountingSite::NumberAt(caller);
  if (number != 0 && number <= counting_.size() && counting_[number - 1].slot.caller == caller) {
    engine_->run().counts.TakeBack(counting_[number - 1].count.instructions);
    Collect();
    return Attend(counting_[number - 1].slot);
  }
  Collect();
  // It comes again.
  if (translations_->IsLeaving()) return;
  Slot slot;
  slot.block = translations_->BlockAt(caller);
  slot.address = address;
  Classify(slot, address, size);
  slot.caller = caller;
  if (MakeCount(slot)) return Attend(counting_.back().slot);
  SlotOf(caller) = slot;
  Attend(SlotOf(caller));
}

// Everything that the hook of a block looks at rarely.
void Blocks::Attend(const Slot& slot) {
  // Translated code returns before this block, and comes back to it if it goes on.
  if (translations_->IsLeaving()) return;
  RunState& run = engine_->run();
  run.it_block.length = 0;
  if (tail_) run.current = LastExecuted(translations_->Decode(block_).size());
  tail_ = false;
  if (run.attention || slot.special || run.executed + slot.count > run.budget || !IsAligned(slot)) GoOnByInstructions(slot.address, kLeastWait);
  if (run.executed + slot.count > run.pause) {
    engine_->fast_stores()->Mark();
    run.pause = std::min(run.budget, run.executed + FastStores::kInterval);
  }
  if (run.started && run.ranges && run.counted.Contains(run.current)) run.retired_in_range = static_cast<int64_t>(run.current);
  if (run.ranges && slot.inside) run.in_range += slot.count;
  before_ = run.current;
  block_ = slot.block;
  inside_ = slot.inside;
  tail_ = slot.tail;
  run.current = slot.last;
  run.executed += slot.count;
  run.started = true;
  run.by_blocks = true;
  run.Settle();
  if (tail_) run.block_limit = 0;
  run.counts.Allow(run.block_limit == 0 ? 0 : run.block_limit - run.executed);
}

// From its next execution on, where there is no more to do than what translated code can do.
bool Blocks::MakeCount(const Slot& slot) {
  const bool is_plain = slot.weight == slot.count && slot.count <= kMostCounted && (slot.alignment.words | slot.alignment.halves) == 0;
  RunState& run = engine_->run();
  if (!is_plain || !run.counts.known()) return false;
  if (counting_.size() == kMostCounting) Forget();
  Counting made{slot, {static_cast<uint16_t>(counting_.size() + 1), static_cast<uint8_t>(slot.count), slot.inside || !run.ranges}, {}};
  if (!CountingSite::Install(const_cast<uint8_t*>(slot.caller), made.count, &made.before)) return false;
  counting_.push_back(made);
  return true;
}

void Blocks::Collect() {
  RunState& run = engine_->run();
  if (!run.counts.Any()) return;
  const auto slot_of = [this](uint16_t number) { return number == 0 ? nullptr : &counting_[number - 1].slot; };
  const Slot* inside = slot_of(run.counts.inside_last());
  const Slot* outside = slot_of(run.counts.outside_last());
  // The one that is being executed, and what was executed before it.
  const Slot& last = outside != nullptr ? *outside : *inside;
  const Slot* inside_before = outside != nullptr ? inside : slot_of(run.counts.inside_before());
  const Slot* outside_before = slot_of(run.counts.outside_before());
  const Slot* before = outside_before != nullptr ? outside_before : inside_before;
  const uint64_t outside_count = run.counts.outside(), counted = run.counts.Take();
  if (run.ranges) {
    if (run.counted.Contains(run.current)) run.retired_in_range = static_cast<int64_t>(run.current);
    if (inside_before != nullptr) run.retired_in_range = static_cast<int64_t>(inside_before->last);
    run.in_range += counted - outside_count;
  }
  before_ = before != nullptr ? before->last : run.current;
  block_ = last.block;
  inside_ = last.inside;
  run.current = last.last;
  run.executed += counted;
}

void Blocks::Forget() {
  Collect();
  for (const Counting& each : counting_) CountingSite::Remove(const_cast<uint8_t*>(each.slot.caller), each.count, each.before);
  counting_.clear();
  slots_.fill({});
}

void Blocks::Classify(Slot& slot, uint64_t address, uint32_t size) {
  const RunState& run = engine_->run();
  slot.special = slot.block == nullptr || translations_->AddressOf(slot.block) != address || translations_->CountOf(slot.block) == 0;
  if (slot.special) return;
  const std::vector<TranslatedInstruction>& instructions = translations_->Decode(slot.block);
  slot.count = instructions.size();
  slot.last = instructions.back().pc;
  slot.tail = instructions.back().it_state != 0;
  const auto is_inside = [&](uint64_t at) { return run.ranges && run.counted.Contains(at); };
  slot.inside = is_inside(address);
  slot.special = slot.inside != is_inside(address + size - 1) || IsSpecial(address, size, slot.alignment);
  slot.weight = slot.special || slot.tail ? kHeavy : slot.count;
}

// Has the block that was decoded last an instruction that has to be looked at when it is executed, or is it not known by itself what retires in it?
bool Blocks::IsSpecial(uint64_t address, uint32_t size, Alignment& alignment) {
  const RunState& run = engine_->run();
  if (run.stops != nullptr && run.stops->HasWithin(address, size)) return true;
  const std::vector<TranslatedInstruction>& instructions = translations_->Decoded();
  if (!engine_->is_arm()) {
    return run.watched != nullptr && std::any_of(instructions.begin(), instructions.end(), [&](const TranslatedInstruction& instruction) { return IsWatched(engine_, run, instruction.pc); });
  }
  // IT blocks that do not lie within it.
  const TranslatedInstruction& last = instructions.back();
  if (instructions.front().it_state != 0 || ItRemaining(last.it_state) > 1 || ItStateAfter(HalfwordAt(engine_, last.pc)) != 0) return true;
  const bool traceable = engine_->ArmRegisters() != nullptr;
  const uint32_t checks = traceable ? run.checks & ~(kCheckMultiple | kCheckUnaligned) : run.checks;
  EntryAlignment needs({(run.checks & ~checks & kCheckMultiple) != 0, (run.checks & ~checks & kCheckUnaligned) != 0});
  for (const TranslatedInstruction& instruction : instructions) {
    const uint16_t first = HalfwordAt(engine_, instruction.pc);
    const uint16_t second = IsWide(first) ? HalfwordAt(engine_, instruction.pc + 2) : 0;
    const bool conditional = instruction.it_state != 0;
    if (conditional && !IsPlainlyConditional(first, second)) return true;
    if ((run.groups[first >> 8] & kGroupChecked) != 0 && MayBeChecked(engine_, checks, instruction.pc, first)) return true;
    if (!needs.Add(first, second, conditional)) return true;
  }
  alignment = needs.needed();
  return false;
}

void Blocks::GoOnByInstructions(uint64_t address, uint64_t wait) {
  RunState& run = engine_->run();
  Select(false);
  run.TryBlocksAfter(wait);
  translations_->GoOnAt(address);
}

void Blocks::GoOnByBlocks(uint64_t address) {
  Select(true);
  translations_->GoOnAt(address);
}

void Blocks::Redo(bool of_device) {
  Collect();
  const void* host = nullptr;
  if (block_ == nullptr || translations_->BlockOnStack(&host) != block_) return;
  const uint64_t pc = translations_->Restore(host);
  Rewind(Find(pc));
  if (of_device) wait_ = engine_->run().executed - since_ < kWorthWhile ? std::min(2 * wait_, kLongestWait) : kLeastWait;
  GoOnByInstructions(pc, of_device ? wait_ : kLeastWait);
}

bool Blocks::ConditionPasses(uint8_t it_state) const {
  uint32_t flags = 0;
  uc_reg_read(engine_->uc(), UC_ARM_REG_APSR_NZCV, &flags);
  return ItConditionPasses(it_state, flags);
}

// Of the instructions in front of one of the decoded block: the last that was executed. The flags are still those that its condition was about.
uint64_t Blocks::LastExecuted(size_t index) const {
  const std::vector<TranslatedInstruction>& instructions = translations_->Decoded();
  while (index-- > 0) {
    const TranslatedInstruction& instruction = instructions[index];
    if (instruction.it_state == 0 || ConditionPasses(instruction.it_state)) return instruction.pc;
  }
  return before_;
}

// The state of counting by instructions in front of one of the decoded block.
void Blocks::Rewind(size_t index) {
  RunState& run = engine_->run();
  const std::vector<TranslatedInstruction>& instructions = translations_->Decoded();
  const auto take_back = [&](uint64_t count) {
    run.executed -= count;
    if (run.ranges && inside_) run.in_range -= count;
  };
  run.current = LastExecuted(index);
  take_back(instructions.size() - index);
  run.started = run.executed != 0;
  if (index == instructions.size() || instructions[index].it_state == 0) return;
  size_t first = index;
  while (instructions[first - 1].it_state != 0) first--;
  take_back(index - first);
  EnterItBlock(engine_, run, instructions[first].pc, instructions[first].it_state, instructions[first - 1].pc);
}

void Blocks::SettleAt(size_t index) {
  RunState& run = engine_->run();
  const std::vector<TranslatedInstruction>& instructions = translations_->Decoded();
  const bool is_last = index + 1 == instructions.size();
  Rewind(index);
  const bool conditional = run.it_block.length != 0;
  if (!conditional || !is_last || ConditionPasses(instructions[index].it_state)) Begin(run, instructions[index].pc);
  if (!conditional) Count(run, instructions[index].pc, 1);
  block_ = nullptr;
  tail_ = false;
  run.Settle();
}

// The place of PC among the instructions of the block; behind all of them where it is none of them.
size_t Blocks::Find(uint64_t pc) {
  const std::vector<TranslatedInstruction>& instructions = translations_->Decode(block_);
  const auto found = std::find_if(instructions.begin(), instructions.end(), [=](const TranslatedInstruction& instruction) { return instruction.pc == pc; });
  return found - instructions.begin();
}

void Blocks::Settle(uint64_t pc) {
  Collect();
  if (block_ == nullptr) return;
  const size_t index = Find(pc);
  SettleAt(std::min(index, translations_->Decoded().size() - 1));
}

void Blocks::SettleBefore(uint64_t pc) {
  Collect();
  if (block_ != nullptr) SettleAt(std::max(Find(pc), size_t{1}) - 1);
}

void Blocks::SettleBehind() {
  Collect();
  if (block_ != nullptr) SettleAt(translations_->Decode(block_).size() - 1);
}

}  // namespace unicornjs
