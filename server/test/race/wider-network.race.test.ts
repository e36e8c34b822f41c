import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNetworkLimit } from "../../src/engines/kv/network-limit.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 60;
const rule = { name: "race-networks", limit: 3, windowSeconds: 3600 };
const factor = 4;

describe(`${callers} callers from the networks of one /48 at once`, () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({
      env: { TRUST_PROXY: "1", CODE_TRY_LIMIT: "3", WIDER_NETWORK_FACTOR: String(factor) },
    });
  });
  afterAll(() => test.close());

  const passed = async (call: (i: number) => Promise<unknown>) => {
    const all = await Promise.allSettled(Array.from({ length: callers }, (_, i) => call(i)));
    return all.filter(({ status }) => status === "fulfilled").length;
  };

  it("no network and no /48 has more than its limit, and what is given back is there once", async () => {
    const limit = createNetworkLimit(test.app.kv, factor);
    const networks = (i: number) => ({ network: `race-${i}`, wider: "race-48" });
    expect(await passed(() => limit.countAll([rule], networks(0)))).toBe(rule.limit);
    const left = rule.limit * factor - rule.limit;
    expect(await passed((i) => limit.countAll([rule], networks(1 + (i % 20))))).toBe(left);
    expect(await limit.full(rule, networks(99))).toBe("wider");
    await passed((i) => (i < 2 ? limit.giveBackAll([rule], networks(0)) : Promise.resolve()));
    expect(await passed((i) => limit.countAll([rule], networks(50 + i)))).toBe(2);
    expect(await passed((i) => limit.countAll([rule], { network: `race-v4-${i}`, wider: null }))).toBe(
      callers,
    );
  });

  it("so many wrong codes are judged of all of them together, and of one no more than its own", async () => {
    const type = async (address: string) => {
      const answer = await test.anonymous({
        method: "POST",
        url: "/users/password/",
        headers: { "x-forwarded-for": address },
        payload: {
          ...{ email: "nobody@qq.com", email_code: "222222" },
          ...{ password: "12345678aA", password2: "12345678aA" },
        },
      });
      expect([400, 429], answer.body).toContain(answer.statusCode);
      if (answer.statusCode === 429) throw new Error("throttled");
    };
    expect(await passed(() => type("2001:db8:1:1::1"))).toBe(3);
    expect(await passed((i) => type(`2001:db8:1:${(i + 2).toString(16)}::1`))).toBe(3 * factor - 3);
    expect(await passed((i) => type(`2001:db8:2:${(i % 30).toString(16)}::1`))).toBe(3 * factor);
  });
});
