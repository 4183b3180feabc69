/* CRC-32 (ISO-HDLC) of code, four bits at a time: a table of 64 bytes instead of 1 KiB. */
#include "expander.h"

/* Of the numbers 0 .. 15; polynomial 0xedb88320, reflected. */
static const uint32_t table[16] = {
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
  0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t expander_crc32(const uint16_t *code, uint32_t size) {
  uint32_t crc = ~0u;
  for (const uint16_t *end = code + size / 2; code != end; code++) {
    crc ^= *code;
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}
