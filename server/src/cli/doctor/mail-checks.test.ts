import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imitatedService } from "../../../test/support/imitated-service.ts";
import { readConfig } from "../../config/config.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { checkMail, checkReports } from "./mail-checks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const configOf = (env: Record<string, string>) => readConfig({ DATA_DIR: folder, ...env });
const levels = (found: Diagnosis[]) => Object.fromEntries(found.map(({ check, level }) => [check, level]));

test.each([
  ["a key that it takes", 200, "{}", { mail: "ok" }, "takes the key"],
  [
    "a key that it refuses",
    401,
    '{"name":"invalid_api_key","message":"no"}',
    { "mail-key": "fail" },
    "refuses the key",
  ],
  ["a service that can't tell", 404, "{}", { mail: "ok" }, "tried with the first mail"],
])("a mail service by HTTP: %s", async (_, status, body, expected, words) => {
  const service = await imitatedService(() => [status, body]);
  try {
    const found = await checkMail(configOf({ MAIL_URL: `resend+http://re_hunter2@${service.host}` }));
    expect(levels(found)).toMatchObject(expected);
    expect(found.map(({ en }) => en).join(" ")).toContain(words);
    expect(JSON.stringify(found)).not.toContain("re_hunter2");
  } finally {
    await service.close();
  }
});

test.each([
  ["resend", "MAIL_EVENTS_SECRET"],
  ["hook", "MAIL_EVENTS_SECRET"],
  ["directmail", "MAIL_EVENTS_TOKEN"],
] as const)("without a key for its reports %s is told to set %s", (by, variable) => {
  const none = { mailEventsSecret: null, mailEventsToken: null };
  const [found] = checkReports({ by }, none);
  for (const text of [found!.zh, found!.en]) expect(text).toContain(variable);
  const set = { mailEventsSecret: Buffer.alloc(32), mailEventsToken: "t".repeat(16) };
  expect(checkReports({ by }, set)[0]!.en).not.toContain(variable);
  expect(checkReports({ by: "smtp" }, none)).toEqual([]);
});
