#!/bin/sh
# Rebuilds the ELF files and lines.txt (address, file:line of each instruction, as addr2line says): versions of DWARF, both targets.
set -eu
cd "$(dirname "$0")"
: >lines.txt
for version in 2 3 4 5; do
  for target in arm riscv; do
    case $target in
      arm) prefix=arm-none-eabi flags='-mcpu=cortex-m3 -mthumb' ;;
      riscv) prefix=riscv64-unknown-elf flags='-march=rv32imac -mabi=ilp32 -Wl,-melf32lriscv' ;;
    esac
    packed=; [ "$target$version" != arm5 ] || packed=-gz=zlib
    elf=$target-$version.elf
    $prefix-gcc $flags -O1 -gdwarf-$version $packed -ffunction-sections -ffile-prefix-map="$PWD"=/src -nostdlib -Wl,--gc-sections,-n,-Ttext=0x100 sum.c -o $elf
    $prefix-objcopy --remove-section=.debug_frame --remove-section=.comment --remove-section=.debug_loclists --remove-section=.debug_loc \
      --remove-section=.debug_aranges --remove-section='.riscv.attributes' --remove-section=.ARM.attributes $elf
    for address in $($prefix-objdump -d $elf | sed -n 's/^ *\([0-9a-f]*\):\t[0-9a-f]* .*/\1/p'); do
      echo "$elf $address $($prefix-addr2line -e $elf $address)" | sed 's/ (discriminator .*//' >>lines.txt
    done
    $prefix-objcopy --remove-section=.debug_info --remove-section=.debug_abbrev --remove-section=.debug_rnglists --remove-section=.debug_ranges $elf
  done
done
