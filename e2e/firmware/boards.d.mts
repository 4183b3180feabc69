/** How the programs are built for each board, by name. */
export declare const boards: Readonly<Record<string, object>>;
/** The programs, by name. */
export declare const programs: Readonly<Record<string, (board: { readonly architecture: string; readonly mpu: boolean; readonly supervisor: boolean }) => boolean>>;
