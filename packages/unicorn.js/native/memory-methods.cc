// Methods of the address space.
#include "methods.h"

namespace unicornjs {
namespace {

// Address, size and permissions of a region at argument 0.
struct Region {
  uint64_t address = 0;
  uint64_t size = 0;
  int permissions = 0;
  bool Read(const Arguments& in) {
    return in.Unsigned(0, "address", &address) && in.Unsigned(1, "size", &size) &&
           in.Integer(2, "perms", &permissions);
  }
};

// The first `accessible` bytes with their permissions, what is behind them with none. Taking access away afterwards would
// cost the library a flush of every page of the region.
int MapInTwo(Engine& engine, const Region& region, uint64_t accessible, Memory* memory) {
  const uint64_t rest = region.size - accessible;
  int error = UC_ERR_OK;
  if (accessible > 0) error = engine.Map(region.address, accessible, region.permissions, memory, 0);
  if (error != UC_ERR_OK || rest == 0) return error;
  error = engine.Map(region.address + accessible, rest, UC_PROT_NONE, memory, accessible);
  if (error != UC_ERR_OK && accessible > 0) engine.Unmap(region.address, accessible);
  return error;
}

}  // namespace

napi_value MemMap(const Arguments& in, EngineHandle& handle) {
  Region region;
  if (!region.Read(in)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (region.size == 0) return Code(in.env(), UC_ERR_ARG);
  if (region.size > Memory::kMaxSize) return Code(in.env(), kErrorTooLarge);
  Memory* memory = Memory::Create(region.size);
  if (memory == nullptr) return Code(in.env(), UC_ERR_NOMEM);
  const int error = handle.engine.Map(region.address, region.size, region.permissions, memory, 0);
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemMapNative(const Arguments& in, EngineHandle& handle) {
  Region region;
  uint64_t accessible = 0;
  if (!region.Read(in) || !in.Unsigned(3, "accessible", &accessible)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (region.size == 0 || accessible > region.size) return Code(in.env(), UC_ERR_ARG);
  if (region.size > Memory::kMaxSize) return Code(in.env(), kErrorTooLarge);
  Memory* memory = Memory::Create(region.size);
  if (memory == nullptr) return Code(in.env(), UC_ERR_NOMEM);
  const int error = MapInTwo(handle.engine, region, accessible, memory);
  if (error == UC_ERR_OK) return handle.buffers.Create(in.env(), memory);
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemRenew(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0, size = 0;
  if (!in.Unsigned(0, "address", &address) || !in.Unsigned(1, "size", &size)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  Memory* memory = handle.engine.MappedAt(address, size);
  if (memory == nullptr || handle.buffers.Has(memory)) return Code(in.env(), UC_ERR_ARG);
  memory->Retain();
  return handle.buffers.Create(in.env(), memory);
}

napi_value MemMapPtr(const Arguments& in, EngineHandle& handle) {
  Region region;
  void* data = nullptr;
  size_t length = 0;
  uint64_t offset = 0;
  if (!region.Read(in) || !in.Buffer(3, "buffer", &data, &length) ||
      !in.Unsigned(4, "offset", &offset)) {
    return nullptr;
  }
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  Memory* memory = data == nullptr ? nullptr : Memory::FindAndRetain(data);
  if (memory == nullptr) {
    napi_throw_type_error(in.env(), nullptr,
                          "Unicorn.js: mem_map_ptr: buffer must come from mem_map_native");
    return nullptr;
  }
  const bool inside = offset <= memory->size() && region.size <= memory->size() - offset;
  const int error = inside ? handle.engine.Map(region.address, region.size, region.permissions,
                                               memory, offset)
                           : UC_ERR_ARG;
  // This engine may be the last that maps it.
  if (error == UC_ERR_OK) handle.buffers.Add(in.env(), in.at(3), memory);
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemUnmap(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0, size = 0;
  if (!in.Unsigned(0, "address", &address) || !in.Unsigned(1, "size", &size)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  Memory* memory = handle.engine.MappedAt(address, size);
  if (memory != nullptr) memory->Retain();
  const int error = handle.engine.Unmap(address, size);
  if (memory == nullptr) return Code(in.env(), error);
  // Nobody can see it any more, but buffers that are detached hold it until they are collected.
  if (!memory->mapped() && !handle.buffers.Has(memory)) memory->Discard();
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemProtect(const Arguments& in, EngineHandle& handle) {
  Region region;
  if (!region.Read(in)) return nullptr;
  return Code(in.env(), handle.engine.Protect(region.address, region.size, region.permissions));
}

namespace {

// Copies between guest memory and the caller's bytes; devices may call back meanwhile.
template <typename Copy>
napi_value Transfer(const Arguments& in, EngineHandle& handle, Copy copy) {
  uint64_t address = 0;
  uint8_t* bytes = nullptr;
  size_t size = 0;
  napi_value dispatch;
  if (!in.Unsigned(0, "address", &address) || !in.Bytes(1, "bytes", &bytes, &size) ||
      !in.Function(2, "dispatch", &dispatch)) {
    return nullptr;
  }
  Engine::CallScope scope(&handle.engine, in.env(), dispatch);
  return Code(in.env(), (handle.engine.*copy)(address, bytes, size));
}

}  // namespace

napi_value MemRead(const Arguments& in, EngineHandle& handle) {
  return Transfer(in, handle, &Engine::Read);
}

napi_value MemWrite(const Arguments& in, EngineHandle& handle) {
  return Transfer(in, handle, &Engine::Write);
}

// An array of begin, end (inclusive), permissions; three bigints a region.
napi_value MemRegions(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  uc_mem_region* regions = nullptr;
  uint32_t count = 0;
  const uc_err error = uc_mem_regions(handle.engine.uc(), &regions, &count);
  if (error != UC_ERR_OK) return Code(in.env(), error);
  napi_value list;
  napi_create_array_with_length(in.env(), size_t{count} * 3, &list);
  for (uint32_t index = 0; index < count; index++) {
    const uint64_t fields[] = {regions[index].begin, regions[index].end, regions[index].perms};
    for (uint32_t field = 0; field < 3; field++) {
      napi_value value;
      napi_create_bigint_uint64(in.env(), fields[field], &value);
      napi_set_element(in.env(), list, index * 3 + field, value);
    }
  }
  uc_free(regions);
  return list;
}

napi_value MmioMap(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0, size = 0, id = 0;
  if (!in.Unsigned(0, "address", &address) || !in.Unsigned(1, "size", &size) ||
      !in.Unsigned(2, "id", &id)) {
    return nullptr;
  }
  return Code(in.env(), handle.engine.MapDevice(address, size, static_cast<uint32_t>(id)));
}

}  // namespace unicornjs
