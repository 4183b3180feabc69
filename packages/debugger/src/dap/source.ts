import type { Launcher } from '../hub/debuggee.js';
import type { Hub } from '../hub/hub.js';

/** Where an adapter gets what it debugs: it is launched as the client says, or has begun before and is shared with other front ends. */
export type DebuggeeSource = { readonly launch: Launcher } | { readonly hub: Hub };
