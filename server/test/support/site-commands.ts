import { expect } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { saidTerminal, unstopped } from "./said-terminal.ts";
import type { TestApp } from "./test-app.ts";
import { testSecretKey } from "./test-secret-key.ts";

/** Commands beside a running site, called by wang; a line is parted at its spaces unless it is given in parts. */
export function siteCommands(site: () => TestApp) {
  async function run(line: string | readonly string[], language: "zh" | "en" = "en") {
    const terminal = saidTerminal(language);
    const config = { ...site().config, secretKey: testSecretKey };
    const code = await runCommandLine(typeof line === "string" ? line.split(" ") : line, {
      ...{ terminal, clock: site().clock, folder: "/nowhere", openDatabase, host: unstopped },
      loadConfig: async () => config,
      completeConfig: () => config,
      readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
      refuseBeside: () => {},
    });
    const { out, notes } = terminal.said;
    return { code, out, notes };
  }

  /** Its result for programs. */
  async function json(line: string | readonly string[]) {
    const parts = typeof line === "string" ? line.split(" ") : line;
    const { code, out, notes } = await run([...parts, "--json"]);
    expect([code, notes]).toEqual([0, ""]);
    return JSON.parse(out);
  }

  /** Of the latest entries of the audit log, about one account or all, those by commands, the oldest first. */
  async function entriesBy(limit: number, userId?: number) {
    const about = userId === undefined ? {} : { targetKind: "user" as const, targetId: userId };
    const { entries } = await site().app.audit.list({ limit, ...about });
    return entries.filter(({ actor }) => actor.name === "wang (manage)").toReversed();
  }

  return { run, json, entriesBy };
}
