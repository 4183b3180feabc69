/** What a command hands back; the front end prints it and turns it into an exit status. */
export interface Report {
  /** 0, or 1 where a difference was found or the guest failed; after a guest that ends with a status of its own, that one. */
  readonly exitStatus: number;
  /** The document printed by `--json`; undefined where the command has written it piece by piece. */
  readonly document: object | undefined;
  /** What people read; printed without `--json`. Ends without a newline; where it is empty, nothing is printed. */
  readonly text: string;
  /** What people read besides, on stderr, where stdout is the guest's. */
  readonly remarks?: string;
  /** Why the guest failed, for stderr, where the text does not say so. */
  readonly failure?: string;
}
