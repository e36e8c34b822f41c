import { afterAll, beforeAll, expect, it } from "vitest";
import type { Captcha } from "../../src/captcha/captcha.ts";
import { createCaptchaGate } from "../../src/captcha/captcha-gate.ts";
import { withHandles } from "../../src/captcha/captcha-handle.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A handle is good for one message, however many tokens are shown with it at once, and a token however many handles. */
const callers = 30;
const about = { purpose: "signIn", address: "13800138000" };
/** A vendor that takes every token: what is left is ours. */
const vendor: Captcha = {
  kind: "hcaptcha",
  ask: async () => ({ kind: "hcaptcha", site_key: "k" }),
  verify: async () => "passed",
  close: async () => {},
};

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

async function passed(shown: (i: number) => Promise<{ token: string; handle: string }>) {
  const secretKeys = ["captcha-test-secret-key-of-32-signs"] as const;
  const captcha = withHandles(vendor, { secretKeys, clock: test.clock });
  const gate = createCaptchaGate({ captcha, kv: test.app.kv, log: { warn() {} } as never });
  const options = { subject: "race-handle", whenUnavailable: "refuse" } as const;
  const all = await Promise.allSettled(
    Array.from({ length: callers }, async (_, i) => {
      const { token, handle } = await shown(i);
      const given = { kinds: ["hcaptcha"], token, handle, clientAddress: "203.0.113.7" };
      await gate.expect(about, given, options);
    }),
  );
  return all.filter(({ status }) => status === "fulfilled").length;
}

const handleOf = async (address = about.address) => {
  const secretKeys = ["captcha-test-secret-key-of-32-signs"] as const;
  const task = await withHandles(vendor, { secretKeys, clock: test.clock }).ask({ ...about, address });
  return task.handle!;
};

it("one handle and many tokens at once: one passes", async () => {
  const handle = await handleOf();
  const written = [handle, `${handle}.1`, ` ${handle}`, `0${handle}`];
  expect(await passed(async (i) => ({ token: `many-${i}`, handle: written[i % 4]! }))).toBe(1);
});

it("one token and many handles at once: one passes", async () => {
  expect(await passed(async () => ({ token: "one", handle: await handleOf() }))).toBe(1);
});

it("each with its own: all pass; with another number's: none", async () => {
  expect(await passed(async (i) => ({ token: `own-${i}`, handle: await handleOf() }))).toBe(callers);
  expect(await passed(async (i) => ({ token: `other-${i}`, handle: await handleOf("13800138001") }))).toBe(0);
});
