import type { CodePosition } from '../panes/code.js';
import type { ConsoleLine } from '../panes/lists.js';
import type { ListName, PaneName } from '../screen/layout.js';
import type { LineEditor } from './line-editor.js';

/** What is being typed. */
interface Prompt {
  readonly label: string;
  readonly editor: LineEditor;
}

/** What the screen shows beside the session: where the user looks. */
export interface View {
  /** Panes, or the page of keys. */
  page: 'panes' | 'help';
  /** First line of the page of keys. */
  helpTop: number;
  focus: PaneName;
  /** Which pane each shared place shows: the one that had the focus last. */
  readonly recent: PaneName[];
  code: CodePosition;
  /** First lines of the lists. */
  readonly scroll: Record<Exclude<PaneName, 'code'>, number>;
  /** Line of the cursor in lists that have one. */
  readonly selected: Record<ListName, number>;
  /** Names of the devices whose registers are shown. */
  readonly openDevices: Set<string>;
  /** Paths of the variables of C or Rust whose insides are shown. */
  readonly openVariables: Set<string>;
  /** Number of the activation that is shown. */
  frame: number;
  /** First address of the memory pane. */
  memory: number;
  readonly console: readonly ConsoleLine[];
  prompt: Prompt | undefined;
  /** Why it stands still. */
  status: string;
  /** Since when it runs, by `performance.now`; undefined where it stands still. */
  runningSince: number | undefined;
}
