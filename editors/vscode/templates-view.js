// What WebAssembly became, around where the selected frame stands: an instruction, its templates with their filled holes, their machine instructions.

/** Events behind which other templates may be there. */
const changes = new Set(['stopped', 'invalidated', 'continued', 'terminated']);

/** Rows of the columns as a tree. Those of one instruction, and of one template, follow each other. */
function treeOf({ rows, first, here, disassembly = [], pc }) {
  const instructions = [];
  for (const [index, row] of rows.entries()) {
    const machine = machineOf(row.machine, first + index === here.machine);
    let instruction = instructions.at(-1);
    if (row.wasm !== undefined || instruction === undefined) {
      const offset = row.wasmOffset.toString(16).padStart(6, '0');
      const isHere = first + index === here.wasm;
      instruction = { label: row.wasm?.text ?? '', description: row.wasm?.outOfLine ? `${offset}, out of line` : offset, isHere, children: [] };
      instructions.push(instruction);
    }
    if (row.template !== undefined) {
      const { name, holes, trap } = row.template;
      const filled = holes.map((hole) => `${hole.name}=${hole.value}`);
      instruction.children.push({ label: name, description: [...filled, ...(trap === null ? [] : [trap])].join(' '), isHere: false, children: [] });
    }
    if (machine !== undefined) (instruction.children.at(-1) ?? instruction).children.push(machine);
  }
  return rows.length > 0 ? instructions : disassembly.map((row) => machineOf(row, row.address === Number(pc)));
}

function machineOf(machine, isHere) {
  if (machine === undefined) return undefined;
  return { label: machine.text, description: [machine.address.toString(16).padStart(8, '0'), machine.place].join(' ').trim(), isHere, children: [] };
}

class TemplatesView {
  #roots = [];
  #parents = new Map();

  constructor(vscode) {
    this.vscode = vscode;
    this.changed = new vscode.EventEmitter();
    this.onDidChangeTreeData = this.changed.event;
  }

  /** What is to be disposed of. */
  register() {
    const { window, debug } = this.vscode;
    this.view = window.createTreeView('fireball.templates', { treeDataProvider: this });
    const refresh = () => void this.refresh();
    return [
      this.view,
      this.changed,
      this.view.onDidChangeVisibility(refresh),
      debug.onDidChangeActiveStackItem(refresh),
      debug.onDidTerminateDebugSession(refresh),
      debug.registerDebugAdapterTrackerFactory('fireball', {
        createDebugAdapterTracker: () => ({
          onDidSendMessage: ({ type, event }) => {
            if (type === 'event' && changes.has(event)) refresh();
          },
        }),
      }),
    ];
  }

  async refresh() {
    const { debug } = this.vscode;
    const session = debug.activeDebugSession;
    let roots = [];
    if (session?.type === 'fireball' && this.view.visible) {
      const { frameId = 0 } = debug.activeStackItem ?? {};
      // What runs has none: the answer is an error then.
      roots = await session.customRequest('fireball/templates', { frameId }).then(treeOf, () => []);
    }
    this.#roots = roots;
    this.#parents = new Map(everything(roots));
    this.changed.fire();
    const here = [...this.#parents.keys()].findLast(({ isHere }) => isHere);
    if (here !== undefined) await this.view.reveal(here, { select: true, focus: false, expand: true });
  }

  getChildren(node) {
    return node?.children ?? this.#roots;
  }

  getParent(node) {
    return this.#parents.get(node);
  }

  getTreeItem({ label, description, isHere, children }) {
    const { TreeItem, TreeItemCollapsibleState, ThemeIcon } = this.vscode;
    const item = new TreeItem(label, children.length === 0 ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Expanded);
    item.description = description;
    item.iconPath = isHere ? new ThemeIcon('debug-stackframe') : undefined;
    return item;
  }
}

/** Every node with its parent. */
function* everything(nodes, parent) {
  for (const node of nodes) {
    yield [node, parent];
    yield* everything(node.children, node);
  }
}

exports.TemplatesView = TemplatesView;
exports.treeOf = treeOf;
