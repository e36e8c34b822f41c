import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAltcha } from "../../src/captcha/altcha.ts";
import { captchaWaits, createCaptchaGate } from "../../src/captcha/captcha-gate.ts";
import { createGrowingWait, waitSeconds } from "../../src/engines/kv/growing-wait.ts";
import type { KeyValue } from "../../src/engines/kv/kv.ts";
import type { AppError } from "../../src/errors/errors.ts";
import { chosenPair } from "../support/chosen-pair.ts";
import { solvedCaptcha } from "../support/solved-captcha.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 30;
const about = { purpose: "signIn", address: "13800138000" };

describe(`${callers} callers with one captcha, or none, at once`, () => {
  let test: TestApp;
  let kv: KeyValue;
  beforeAll(async () => {
    test = await startTestApp();
    kv = test.app.kv;
  });
  afterAll(() => test.close());

  const passed = async (call: (i: number) => Promise<unknown>) => (await outcomes(call)).passed;
  /** How many passed, and the seconds that the others were told to wait. */
  async function outcomes(call: (i: number) => Promise<unknown>) {
    const all = await Promise.allSettled(Array.from({ length: callers }, (_, i) => call(i)));
    const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    return {
      passed: all.length - refused.length,
      waits: refused.map((reason) => (reason as AppError).retryAfterSeconds ?? 0),
    };
  }
  /** Redis counts by its own clock, so there the time is waited for. */
  async function elapse(seconds: number): Promise<void> {
    if (chosenPair() !== "postgres+redis") test.clock.advance(seconds);
    else await setTimeout(seconds * 1000);
  }

  it("one answer passes once", async () => {
    const captcha = createAltcha({
      secretKeys: ["captcha-test-secret-key-of-32-signs"],
      clock: test.clock,
      rounds: 9,
    });
    const gate = createCaptchaGate({ captcha, kv, log: { warn() {} } as never });
    const solved = await solvedCaptcha((await captcha.ask(about)).challenge);
    const given = JSON.parse(Buffer.from(solved, "base64").toString());
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value, null, 1)).toString("base64");
    // However it is written, it is one piece of work.
    const written = [solved, `${solved}.`, ` ${solved}`, encoded(given), encoded({ ...given, more: 1 })];
    const shown = (i: number) => ({
      ...{ kinds: ["altcha"], token: written[i % written.length]!, handle: null },
      clientAddress: "203.0.113.7",
    });
    const options = { subject: "race-answer", whenUnavailable: "refuse" } as const;
    expect(await passed((i) => gate.expect(about, shown(i), options))).toBe(1);
  });

  it("who can't answer gets one try, and is told how long the next one is away", async () => {
    const gate = createCaptchaGate({ captcha: null, kv, log: { warn() {} } as never });
    const shown = { kinds: [], token: null, handle: null, clientAddress: "203.0.113.7" };
    const options = { subject: "race-wait", whenUnavailable: "refuse" } as const;
    const first = await outcomes(() => gate.expect(about, shown, options));
    expect(first.passed).toBe(1);
    expect(Math.max(...first.waits)).toBe(waitSeconds(captchaWaits, 0));
    expect(await passed(() => gate.expect(about, shown, options))).toBe(0);
  });

  const rule = { name: "race", firstSeconds: 3, longestSeconds: 600, forgetSeconds: 3600 };

  it("after each wait one gets the try, and the next wait is twice as long", async () => {
    const waits = createGrowingWait(kv, { ...rule, refusesFirst: false });
    for (let step = 0; step < 3; step++) {
      if (step > 0) await elapse(waitSeconds(rule, step - 1) + 1);
      const tried = await outcomes(() => waits.take({ subject: "race-double" }));
      expect([step, tried.passed]).toEqual([step, 1]);
      expect([step, Math.max(...tried.waits)]).toEqual([step, waitSeconds(rule, step)]);
    }
  });

  it("a wait that begins lets nobody through before it is over, and one then", async () => {
    const waits = createGrowingWait(kv, rule);
    expect(await passed(() => waits.take({ subject: "race-begin" }))).toBe(0);
    await elapse(rule.firstSeconds + 1);
    expect(await passed(() => waits.take({ subject: "race-begin" }))).toBe(1);
  });
});
