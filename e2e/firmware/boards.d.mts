/** How the programs are built for each board, by name. */
export declare const boards: Readonly<Record<string, object>>;
/** Those that drive the devices of a family of chips. */
export declare const driverPrograms: Readonly<Record<string, unknown>>;
/** The programs, by name. */
export declare const programs: Readonly<Record<string, (board: { readonly architecture: string; readonly mpu: boolean; readonly supervisor: boolean }) => boolean>>;
