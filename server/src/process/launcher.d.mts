type Environment = Readonly<Record<string, string | undefined>>;

/** Whether npm's shell runs the command of the npm package: then a supervisor's signal gets here late, if at all. */
export function isUnderNpx(environment: Environment): boolean;

/** Calls back once when npm, its shell or run.mjs, by which this process was started, is gone. */
export function onLauncherLost(environment: Environment, callback: () => void): void;
