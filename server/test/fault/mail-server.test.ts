import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { dataFolder, type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { type ScriptedSmtp, type Step, startScriptedSmtp } from "../support/scripted-smtp.ts";
import { startSmtpSink } from "../support/smtp-sink.ts";
import { visitors } from "../support/visitors.ts";

describe("the mail server misbehaves while people ask for codes", () => {
  const folder = dataFolder();
  const behaviour: Record<string, Step> = {};
  let smtp: ScriptedSmtp;
  let api: ProductProcess;
  let worker: ProductProcess;
  beforeAll(async () => {
    smtp = await startScriptedSmtp(behaviour);
    const env = {
      ...{ DATA_DIR: folder.path, SMTP_URL: `smtp://127.0.0.1:${smtp.port}` },
      EMAIL_FROM: "accounts@meiduo.example",
    };
    // Two processes on one embedded database: what one has promised the other sends.
    api = await startProduct("serve", env);
    worker = await startProduct("work", env);
  });
  afterAll(async () => {
    await Promise.all([api?.stop(), worker?.stop()]);
    await smtp?.close();
    folder.release();
  });

  const failures = () => worker.output().split("will be retried").length;
  const sentTo = (email: string) => smtp.accepted.filter((mail) => mail.includes(email)).length;

  test.each([
    ["hangs before its greeting", "greeting", "hang"],
    ["drops the connection before a mail is written", "DATA", "drop"],
    ["drops the connection in the middle of a mail", "writing", "drop"],
    ["answers 421 and then 250", "MAIL", "421 4.3.0 try again later"],
    ["takes the mail, answers 451 and then 250", "body", "451 4.3.0 try again later"],
  ] as const)(
    "%s: the request is answered at once and the mail arrives exactly once",
    async (_, verb, step) => {
      const email = `${verb.toLowerCase()}@example.com`;
      behaviour[verb] = step;
      const before = failures();
      const asked = await visitors(api.url).requestCode(email);
      expect(asked.status).toBe(200);
      expect(asked.millis).toBeLessThan(2000);
      await waitUntil(() => failures() > before, 60, "a failed attempt");
      expect(sentTo(email)).toBe(0);
      delete behaviour[verb];
      await waitUntil(() => sentTo(email) > 0, 60, "the mail");
      const jobs = await startProduct("jobs", { DATA_DIR: folder.path }, { until: "dead" });
      expect(jobs.output()).toMatch(/waiting 0 · running 0 · done \d+ · dead 0/);
      expect(sentTo(email)).toBe(1);
    },
  );

  test("refuses every connection: a mail promised meanwhile is sent when it is back", async () => {
    const port = await freePort();
    const other = dataFolder();
    const env = {
      ...{ DATA_DIR: other.path, SMTP_URL: `smtp://127.0.0.1:${port}` },
      EMAIL_FROM: "accounts@meiduo.example",
    };
    const [lonelyApi, lonelyWorker] = [await startProduct("serve", env), await startProduct("work", env)];
    expect((await visitors(lonelyApi.url).requestCode("refused@example.com")).status).toBe(200);
    await waitUntil(() => lonelyWorker.output().includes("will be retried"), 20, "a failed attempt");
    const sink = await startSmtpSink({ port });
    await waitUntil(() => sink.mailsTo("refused@example.com").length === 1, 60, "the mail");
    await Promise.all([lonelyApi.stop(), lonelyWorker.stop()]);
    expect(sink.mailsTo("refused@example.com")).toHaveLength(1);
    await sink.close();
    other.release();
  });
});
