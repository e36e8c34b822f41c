import { diagnose } from "../doctor/doctor.ts";
import { readArguments } from "../terminal/read-arguments.ts";
import type { Command } from "./command.ts";

/** Exit code 1 when something will not work, so that a deployment can stop on it. */
export const doctor: Command = {
  usage: "doctor [--json]",
  zh: "检查常见的配置错误，每行一条并给出办法",
  en: "look for what is commonly set up wrong, one line each with what to do",
  async runAlone({ config, clock, terminal }, args) {
    const { values } = readArguments(args, { json: { type: "boolean" } });
    const found = await diagnose(config, clock);
    if (values.json) terminal.print(JSON.stringify(found));
    else {
      const marks = { ok: "✓", warn: "!", fail: "✗" } as const;
      for (const diagnosis of found) {
        terminal.print(
          `${marks[diagnosis.level]} ${diagnosis.check.padEnd(18)} ${diagnosis[terminal.language]}`,
        );
      }
    }
    return found.some(({ level }) => level === "fail") ? 1 : 0;
  },
};
