/** Runs `work` while no other process runs it under the same folder. */
export function withInstallLock<T>(folder: string, work: () => T | Promise<T>): Promise<T>;
