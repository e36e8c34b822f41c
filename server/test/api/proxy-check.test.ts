import { afterEach, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
afterEach(() => test.close());

async function started(env: Record<string, string>) {
  const log: string[] = [];
  test = await startTestApp({ env, logTo: { write: (line) => void log.push(line) } });
  const visit = (headers: Record<string, string>, remoteAddress = "203.0.113.7") =>
    test.app.api.inject({ url: "/users/usernames/python01/count/", headers, remoteAddress });
  const probe = (url: string, headers: Record<string, string>) =>
    test.app.api.inject({ url, headers, remoteAddress: "10.244.0.1" });
  return { visit, probe, warnings: () => log.filter((line) => line.includes("TRUST_PROXY")) };
}
const forwarded = { "x-forwarded-for": "198.51.100.23" };

it("says once that a request came through a proxy while TRUST_PROXY is not set", async () => {
  const { visit, warnings } = await started({});
  await visit({});
  expect(warnings()).toEqual([]);
  for (let i = 0; i < 5; i++) expect((await visit(forwarded)).statusCode).toBe(200);
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toContain("TRUST_PROXY is not set");
  expect(warnings()[0]).not.toContain("198.51.100.23");
});

it("says once that a request came without the proxy while TRUST_PROXY is set", async () => {
  const { visit, warnings } = await started({ TRUST_PROXY: "1" });
  await visit(forwarded);
  // What runs on the machine itself comes without a proxy.
  await visit({}, "127.0.0.1");
  expect(warnings()).toEqual([]);
  for (let i = 0; i < 5; i++) await visit({});
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toContain("TRUST_PROXY is set");
});

it.each([
  ["set, and a probe comes without the proxy", { TRUST_PROXY: "1" }, {}, {}],
  ["not set, and a probe comes through one", {}, forwarded, forwarded],
] as const)(
  "leaves the warning to visitors where TRUST_PROXY is %s",
  async (_case, env, ofProbe, ofVisitor) => {
    const { visit, probe, warnings } = await started(env);
    for (const url of ["/healthz", "/readyz"]) expect((await probe(url, ofProbe)).statusCode).toBe(200);
    expect(warnings()).toEqual([]);
    await visit(ofVisitor);
    expect(warnings()).toHaveLength(1);
  },
);
