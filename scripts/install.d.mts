/** What the person at the terminal can put right. */
export class InstallProblem extends Error {}
export function ensureInstalled(root: string, options: { needsPinned: boolean }): Promise<void>;
/** Names of the packages that package-lock.json in `root` asks for on this machine and node_modules lacks. */
export function missingPackages(root: string): string[];
