import { type Command, defineCommand } from "../command/command.ts";

/** Exit code 1 when something will not work, so that a deployment can stop on it. */
export const doctor: Command = defineCommand({
  name: "doctor",
  group: "look",
  needs: "config",
  json: true,
  zh: "检查常见的配置错误，每行一条并给出办法",
  en: "looks for what is commonly set up wrong, one line each with what to do",
  async run({ completeConfig, clock, terminal }, { json }) {
    const { diagnose } = await import("../doctor/doctor.ts");
    const found = await diagnose(completeConfig("look"), clock);
    if (json) terminal.print(JSON.stringify(found));
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
});
