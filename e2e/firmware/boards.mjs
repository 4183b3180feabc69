/** How the programs are built for each board: addresses as its linker script has them, and the words that its UART needs. */
const arm = (cpu, flash, ram, ramBytes, uart, extra = {}) => ({
  architecture: 'arm',
  flags: ['-mthumb', ...cpu.split(' ')],
  flash,
  ram,
  ramBytes,
  flashBytes: extra.flashBytes ?? 0x40000,
  defines: { ...uart, FLASH_BASE: flash, RAM_BASE: ram, RAM_BYTES: ramBytes, ...extra.defines },
  mpu: extra.mpu ?? false,
  interactive: extra.interactive ?? false,
  family: extra.family,
});
const riscv = (isa, abi, base, ram, ramBytes, uart, extra = {}) => ({
  architecture: 'riscv',
  flags: [`-march=${isa}`, `-mabi=${abi}`, '-mcmodel=medany'],
  flash: base,
  ram,
  ramBytes,
  flashBytes: extra.flashBytes ?? 0x200000,
  defines: {
    ...uart,
    NOTHING_AT: 0x0800_0000,
    FLASH_BASE: base,
    FLASH_BYTES: extra.flashBytes ?? 0x200000,
    RAM_BASE: ram,
    RAM_BYTES: ramBytes,
    ...extra.defines,
  },
  mpu: false,
  // virt's devices, too.
  supervisor: extra.supervisor ?? false,
  interactive: false,
});
const m3 = '-mcpu=cortex-m3';
const m4 = '-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16';
const nothing = 0x4f00_0000;

export const boards = {
  'mps2-an385': arm(m3, 0, 0x2000_0000, 0x40_0000, { UART_CMSDK: 0x4000_4000 }, { mpu: true, interactive: true, defines: { NOTHING_AT: nothing } }),
  'mps2-an386': arm(m4, 0, 0x2000_0000, 0x40_0000, { UART_CMSDK: 0x4000_4000 }, { mpu: true, defines: { NOTHING_AT: nothing } }),
  'mps2-an500': arm(
    '-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16',
    0,
    0x2000_0000,
    0x40_0000,
    { UART_CMSDK: 0x4000_4000 },
    { mpu: true, defines: { NOTHING_AT: nothing } },
  ),
  'mps2-an505': arm(
    '-mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16',
    0x1000_0000,
    0x3800_0000,
    0x40_0000,
    { UART_CMSDK: 0x4020_0000 },
    { mpu: true, defines: { NOTHING_AT: nothing } },
  ),
  microbit: arm('-mcpu=cortex-m0', 0, 0x2000_0000, 0x4000, { UART_NRF51: 0x4000_2000 }, { defines: { NOTHING_AT: nothing } }),
  rp2040: arm(
    '-mcpu=cortex-m0plus',
    0x1000_0000,
    0x2000_0000,
    0x4_0000,
    { UART_RP2040: 0x4003_4000 },
    { mpu: true, flashBytes: 0x20_0000, defines: { NOTHING_AT: nothing }, family: 'rp2040' },
  ),
  lm3s6965evb: arm(m3, 0, 0x2000_0000, 0x1_0000, { UART_PL011: 0x4000_c000 }, { mpu: true }),
  stm32vldiscovery: arm(
    m3,
    0x0800_0000,
    0x2000_0000,
    0x2000,
    { UART_STM32: 0x4001_3800, STM32F1: 1 },
    { flashBytes: 0x20000, defines: { NOTHING_AT: nothing }, family: 'stm32' },
  ),
  netduino2: arm(m3, 0x0800_0000, 0x2000_0000, 0x2_0000, { UART_STM32: 0x4001_1000 }, { mpu: true, family: 'stm32' }),
  netduinoplus2: arm(
    m4,
    0x0800_0000,
    0x2000_0000,
    0x2_0000,
    { UART_STM32: 0x4001_1000 },
    { mpu: true, defines: { NOTHING_AT: nothing, STM32F4: 1 }, family: 'stm32' },
  ),
  'virt-rv32': riscv('rv32imac', 'ilp32', 0x8000_0000, 0x8020_0000, 0x20_0000, { UART_NS16550: 0x1000_0000 }, { supervisor: true }),
  'virt-rv64': riscv('rv64imac', 'lp64', 0x8000_0000, 0x8020_0000, 0x20_0000, { UART_NS16550: 0x1000_0000 }, { supervisor: true }),
  'sifive-e': riscv('rv32imac', 'ilp32', 0x2040_0000, 0x8000_0000, 0x4000, { UART_SIFIVE: 0x1001_3000 }, { flashBytes: 0x40000 }),
  'fireball-thumb2': arm(m4, 0x1800_0000, 0x2100_0000, 0x1_0000, { UART_CMSDK: 0x2200_1000 }, { mpu: true, defines: { NOTHING_AT: nothing } }),
  'fireball-rv32': riscv(
    'rv32imac',
    'ilp32',
    0x1800_0000,
    0x2100_0000,
    0x1_0000,
    { UART_CMSDK: 0x2200_1000 },
    { flashBytes: 0x10_0000, defines: { CLINT: 0x2201_0000 } },
  ),
};

/** Program -> the boards that it is for. */
export const programs = {
  hello: () => true,
  interrupts: () => true,
  context: () => true,
  faults: () => true,
  mpu: ({ mpu }) => mpu,
  user: ({ architecture }) => architecture === 'riscv',
  supervisor: ({ supervisor }) => supervisor,
  plic: ({ supervisor }) => supervisor,
};

/** Those that go on until somebody types. */
export const interactivePrograms = {
  console: ({ interactive }) => interactive,
};

/** Those that drive the devices of a family, as the examples of its makers do, on boards of wired/ that have chips and wires around them. */
export const driverPrograms = {
  'stm32-timers': ({ family }) => family === 'stm32',
  'stm32-serial': ({ family }) => family === 'stm32',
  'stm32-analog': ({ family }) => family === 'stm32',
  'stm32-system': ({ family }) => family === 'stm32',
  'rp2040-drivers': ({ family }) => family === 'rp2040',
  'rp2040-arithmetic': ({ family }) => family === 'rp2040',
  'rp2040-pio': ({ family }) => family === 'rp2040',
};
