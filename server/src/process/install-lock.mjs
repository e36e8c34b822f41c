// One at a time among processes that start on the same fresh folder. Plain JavaScript for Node >= 20.
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const pollMillis = 200;
const ended = "done";

/**
 * Runs `work` while no other process runs it under the same folder. The folder holds numbered files, and the highest
 * says who has the lock. A number is taken by linking a whole file to it, which exactly one process can; after a
 * process that was killed the next number is. The highest is never removed, so that none comes twice.
 */
export async function withInstallLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const mine = await take(folder);
  try {
    return await work();
  } finally {
    const file = own(folder);
    writeFileSync(file, ended);
    renameSync(file, join(folder, String(mine)));
  }
}

async function take(folder) {
  const file = own(folder);
  writeFileSync(file, `${process.pid} ${startOf(process.pid)}`);
  try {
    for (let waited = false; ; waited = true) {
      const numbers = readdirSync(folder).filter((name) => /^\d+$/.test(name));
      const last = Math.max(0, ...numbers.map(Number));
      if (isHeld(join(folder, String(last)))) {
        if (!waited)
          process.stderr.write("Another start is installing; waiting for it… 另一个启动正在安装，请稍候…\n");
        await delay(pollMillis);
      } else if (linked(file, join(folder, String(last + 1)))) {
        for (const name of numbers) if (Number(name) < last) rmSync(join(folder, name), { force: true });
        return last + 1;
      }
    }
  } finally {
    rmSync(file, { force: true });
  }
}

/** Only this process writes it; the number is another's of the same process, where one takes several locks. */
let count = 0;
const own = (folder) => join(folder, `.${process.pid}-${count++}`);

function linked(file, name) {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  }
}

function isHeld(file) {
  let text = ended;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    // None yet; or a lower one, which its successor removed after this process had looked.
    if (error.code !== "ENOENT") throw error;
  }
  if (text === ended) return false;
  const [pid = "", start = ""] = text.split(" ");
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "EPERM" && startOf(pid) === start;
  }
  return startOf(pid) === start;
}

/** When a process began, so that another with the same number (a container's are always the same) is told apart. */
function startOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ")[19];
  } catch {
    return "";
  }
}
