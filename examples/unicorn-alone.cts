// CommonJS, and nothing but the CPU emulator: counts to a thousand instructions on a Cortex-M4.
import MUnicorn = require('@fireball/unicorn.js');

void (async () => {
  const uc = await MUnicorn();
  const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
  engine.ctl_set_cpu_model(uc.CPU_ARM_CORTEX_M4);
  const ram = new Uint8Array(engine.mem_map_native(0x2000_0000, 0x1_0000, uc.PROT_ALL));
  ram.set([0x01, 0x30, 0xfd, 0xe7]); // adds r0, #1; b .-2
  const { reason, executed } = engine.run({ pc: 0x2000_0000, budget: 1000 });
  console.log(reason, executed, engine.reg_read_i32(uc.ARM_REG_R0));
  engine.close();
})();
