// Ends with whoever started it. Plain JavaScript for Node >= 20.
//
// `npx …` and `npm start` run a command in a shell, and a signal to npm ends that shell and npm: most shells (Debian's
// and Alpine's sh) neither pass it on nor put the command in their own place. What they ran would go on with its ports and its
// database, and nobody would be left to stop it. A terminal's Ctrl-C reaches the whole group and needs none of this. A SIGINT
// to npm alone can't be noticed: its shell waits for the command, and nobody ends.
import { readFileSync } from "node:fs";

const pollMillis = 500;

/** Whether npm's shell runs the command of the npm package: then a supervisor's signal gets here late, if at all. */
export const isUnderNpx = ({ npm_lifecycle_script: script = "" }) => script.includes("meiduo-accounts");

/** Calls back once when npm, its shell or run.mjs, by which this process was started, is gone. */
export function onLauncherLost(environment, callback) {
  if (!hasLauncher(environment)) return;
  const before = whoStarted();
  const timer = setInterval(() => {
    if (whoStarted() === before) return;
    clearInterval(timer);
    callback();
  }, pollMillis);
  timer.unref();
}

function hasLauncher({ npm_lifecycle_script: script = "", MEIDUO_CALLED_FROM: calledFrom }) {
  if (calledFrom !== undefined) return true;
  // A script that puts the command into the background means it to outlive the shell.
  return /meiduo-accounts|scripts\/run\.mjs/.test(script) && !/(?<![&>])&(?![&>])/.test(script);
}

/** This process's parent and, where that is a shell, whoever started the shell: npm, which can be killed alone. */
function whoStarted() {
  const parent = process.ppid;
  const [, name, grandparent] = /\((.*)\) \S+ (\d+)/s.exec(statusOf(parent)) ?? [];
  return /^(?:ba|da|a|z|k)?sh$/.test(name ?? "") ? `${parent} ${grandparent}` : `${parent}`;
}

/** Empty where the system has no /proc, and for a process that has just ended. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
