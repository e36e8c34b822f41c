import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { createLog } from "../../src/kernel/log.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** The audit log at the command line, as it leaves the site and as it is checked. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function run(line: string, language: "zh" | "en" = "en") {
  const terminal = saidTerminal(language);
  const config = { ...app.config, secretKey: testSecretKey };
  const code = await runCommandLine(line.split(" "), {
    ...{ terminal, clock: app.clock, folder: ".", openDatabase, host: unstopped },
    loadConfig: async () => config,
    completeConfig: () => config,
    readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
    refuseBeside: () => {},
  });
  const { out, notes } = terminal.said;
  return { code, out, notes };
}

test("audit export pages by number, ids alone; verify-audit says when it was changed", async () => {
  expect((await run("verify-audit")).out).toContain("AUDIT_CHAIN=on");
  expect((await run("verify-audit")).code).toBe(1);
  await run("user create exported1 --email exported1@example.com --no-password");
  await run("user make-staff exported1");
  app.clock.advance(61);
  const { out } = await run("audit export --after 0 --limit 2000");
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ event: { action: "user.change" }, after: { is_staff: 1 } });
  expect(out).not.toMatch(/exported1|wang/);
  const last = await run(`audit export --after ${Number(lines.at(-1).event.id) - 1} --limit 5`);
  expect(last.out.trim().split("\n")).toHaveLength(1);
  expect((await run(`audit export --after ${lines.at(-1).event.id}`)).out).toBe("");
  expect((await run("audit export --after all")).code).toBe(2);

  const chain = createAuditChain({
    log: createLog("silent"),
    db: app.app.db,
    clock: app.clock,
    secretKeys: [testSecretKey],
  });
  await chain.begin();
  await chain.linkAll();
  const good = await run("verify-audit --json");
  expect(good.code).toBe(0);
  const report = JSON.parse(good.out);
  expect(report).toMatchObject({ linked: lines.length, findings: [] });
  expect((await run(`verify-audit --head ${report.head}`)).code).toBe(0);
  expect((await run("verify-audit --head 12")).code).toBe(2);
  const id = Number(lines.at(-1).event.id);
  await app.app.db.kysely.deleteFrom("audit_entries").where("id", "=", id).execute();
  const bad = await run("verify-audit");
  expect([bad.code, bad.out]).toEqual([1, expect.stringContaining(`#${id} is gone, and no purge took it`)]);
  expect((await run("verify-audit", "zh")).out).toContain(`#${id} 不见了`);
});
