import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAltcha } from "../../src/captcha/altcha.ts";
import { captchaWaits, createCaptchaGate } from "../../src/captcha/captcha-gate.ts";
import { createGrowingWait, waitSeconds } from "../../src/engines/kv/growing-wait.ts";
import type { KeyValue } from "../../src/engines/kv/kv.ts";
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

  const passed = async (call: (i: number) => Promise<unknown>) => {
    const all = await Promise.allSettled(Array.from({ length: callers }, (_, i) => call(i)));
    return all.filter(({ status }) => status === "fulfilled").length;
  };

  it("one answer passes once", async () => {
    const captcha = createAltcha({
      secretKeys: ["captcha-test-secret-key-of-32-signs"],
      clock: test.clock,
      rounds: 9,
    });
    const gate = createCaptchaGate({ captcha, kv, log: { warn() {} } as never });
    const token = await solvedCaptcha((await captcha.ask(about)).challenge);
    const shown = { kinds: ["altcha"], token, clientAddress: "203.0.113.7" };
    const options = { subject: "race-answer", whenUnavailable: "refuse" } as const;
    expect(await passed(() => gate.expect(about, shown, options))).toBe(1);
  });

  it("who can't answer gets one try, and one after each wait, which doubles", async () => {
    const gate = createCaptchaGate({ captcha: null, kv, log: { warn() {} } as never });
    const shown = { kinds: [], token: null, clientAddress: "203.0.113.7" };
    const options = { subject: "race-wait", whenUnavailable: "refuse" } as const;
    for (let step = 0; step < 3; step++) {
      expect([step, await passed(() => gate.expect(about, shown, options))]).toEqual([step, 1]);
      test.clock.advance(waitSeconds(captchaWaits, step) - 5);
      expect([step, await passed(() => gate.expect(about, shown, options))]).toEqual([step, 0]);
      test.clock.advance(6);
    }
  });

  it("a wait that begins lets nobody through before it is over, and one then", async () => {
    const rule = { name: "race", firstSeconds: 60, longestSeconds: 600, forgetSeconds: 3600 };
    const waits = createGrowingWait(kv, rule);
    expect(await passed(() => waits.take("race-begin"))).toBe(0);
    test.clock.advance(61);
    expect(await passed(() => waits.take("race-begin"))).toBe(1);
  });
});
