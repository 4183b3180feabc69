import { interruptBits } from '../riscv/csr.js';
import type { Board, BoardDevice } from '../machine/board.js';
import type { DeviceClass, DeviceTreeNode } from '../machine/device.js';
import { flattenDeviceTree } from './fdt.js';
import type { PropertyValue, TreeNode } from './fdt.js';

/** Numbers by which nodes name each other. */
const cpuInterrupts = 1;
const boardInterrupts = 2;
const firstSyscon = 3;

const poweroffCommand = 0x5555;
const rebootCommand = 0x7777;

interface Described {
  readonly device: BoardDevice;
  readonly node: DeviceTreeNode;
}

/**
 * The device tree of a RISC-V board with one hart, as QEMU gives one to the firmware of `virt`: memory, hart, and devices whose class says what
 * they are (Devicetree Specification 0.4; bindings as in Linux, Documentation/devicetree/bindings).
 */
export function boardDeviceTree(board: Board, deviceClass: (name: string) => DeviceClass, xlen: 32 | 64): Uint8Array {
  const described = board.devices.flatMap((device): Described[] => {
    const node = deviceClass(device.device).deviceTree;
    return node === undefined ? [] : [{ device, node }];
  });
  const syscons = described.filter(({ node }) => node.compatible.includes('syscon'));
  const timer = described.find(({ device }) => Object.values(device.interrupts).includes('mtip'));
  const soc: TreeNode = {
    name: 'soc',
    properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true },
    children: described.map(({ device, node }) => {
      const syscon = syscons.findIndex((one) => one.device === device);
      return deviceNode(board, device, node, syscon < 0 ? undefined : firstSyscon + syscon);
    }),
  };
  return flattenDeviceTree({
    name: '',
    properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'riscv-virtio', model: `riscv-virtio,${board.name}` },
    children: [
      { name: 'chosen', properties: chosen(board, described) },
      ...board.memory
        .filter(({ kind }) => kind === 'ram')
        .map(({ base, size }): TreeNode => ({ name: `memory@${hex(base)}`, properties: { device_type: 'memory', reg: [...wide(base), ...wide(size)] } })),
      cpus(board, xlen, board.clocks[timer?.device.clocks['mtime'] ?? 'cpu'] ?? 0),
      ...syscons.flatMap((_, index) => [command('poweroff', firstSyscon + index, poweroffCommand), command('reboot', firstSyscon + index, rebootCommand)]),
      soc,
    ],
  });
}

function chosen(board: Board, described: readonly Described[]): Record<string, PropertyValue> {
  const console = described.find(({ device }) => device.name === board.console);
  return console === undefined ? {} : { 'stdout-path': `/soc/${console.node.node}@${hex(console.device.base)}` };
}

function cpus(board: Board, xlen: 32 | 64, timebase: number): TreeNode {
  const { core } = board.processor;
  const isa = core.replace('gc', 'imafdc');
  const supervisor = isa.includes('fd');
  return {
    name: 'cpus',
    properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [timebase] },
    children: [
      {
        name: 'cpu@0',
        properties: {
          device_type: 'cpu',
          reg: [0],
          status: 'okay',
          compatible: 'riscv',
          'riscv,isa': isa + (supervisor ? 'su' : 'u'),
          ...(supervisor ? { 'mmu-type': xlen === 32 ? 'riscv,sv32' : 'riscv,sv39' } : {}),
        },
        children: [
          {
            name: 'interrupt-controller',
            properties: { '#interrupt-cells': [1], 'interrupt-controller': true, compatible: 'riscv,cpu-intc', phandle: [cpuInterrupts] },
          },
        ],
      },
    ],
  };
}

function deviceNode(board: Board, device: BoardDevice, node: DeviceTreeNode, phandle: number | undefined): TreeNode {
  const inputs = Object.values(device.interrupts);
  // An interrupt of the CPU by its number in mip; others by their input of the board's controller.
  const own = inputs.flatMap((input) =>
    typeof input === 'string' && input in interruptBits ? [cpuInterrupts, Math.log2(interruptBits[input as keyof typeof interruptBits])] : [],
  );
  const numbered = inputs.filter((input) => typeof input === 'number');
  const isController = inputs.includes('meip');
  const [clock] = Object.values(device.clocks);
  return {
    name: `${node.node}@${hex(device.base)}`,
    properties: {
      ...(phandle === undefined ? {} : { phandle: [phandle] }),
      compatible: node.compatible,
      reg: [...wide(device.base), ...wide(device.size)],
      ...(own.length === 0 ? {} : { 'interrupts-extended': own }),
      ...(numbered.length === 0 ? {} : { interrupts: numbered, 'interrupt-parent': [boardInterrupts] }),
      ...(isController
        ? {
            '#interrupt-cells': [1],
            '#address-cells': [0],
            'interrupt-controller': true,
            'riscv,ndev': [Number(device.parameters['sources'] ?? 95)],
            phandle: [boardInterrupts],
          }
        : {}),
      ...(clock === undefined || own.length > 0 ? {} : { 'clock-frequency': [board.clocks[clock] ?? 0] }),
      ...node.properties,
    },
  };
}

function command(name: string, syscon: number, value: number): TreeNode {
  return { name, properties: { compatible: `syscon-${name}`, regmap: [syscon], offset: [0], value: [value] } };
}

function hex(value: number): string {
  return value.toString(16);
}

/** A 64-bit number as two cells. */
function wide(value: number): [number, number] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}
