import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Who is asking, behind proxies that write a port beside the address. Each of its connections has another port: taken
 * as part of the address, no limit per client would ever be reached.
 */
describe.each([
  ["a number of hops", "1"],
  ["a list of networks", "127.0.0.0/8, 10.0.0.0/8"],
])("with TRUST_PROXY as %s", (_, trust) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({ env: { TRUST_PROXY: trust, LOGIN_FAILURE_LIMIT_PER_CLIENT: "3" } });
  });
  afterAll(() => test.close());

  let count = 0;
  async function fail(header: string): Promise<number> {
    const answer = await test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      headers: { "x-forwarded-for": header },
      payload: { username: `nobody-${++count}`, password: "wrong-password" },
    });
    return answer.statusCode;
  }

  const forms: [string, (port: number) => string][] = [
    ["IPv4 with a port", (port: number) => `203.0.113.8:${port}`],
    ["IPv6 with a port", (port: number) => `[2001:db8::${port.toString(16)}]:${port}`],
    ["what is no address", (port: number) => `unknown-${port}`],
  ];
  // With hops alone the nearest entry is the client.
  if (trust !== "1") {
    forms.push(["a proxy of ours with a port", (port) => `203.0.113.9:${port}, 10.0.0.7:${port}`]);
  }

  it.each(forms)("%s is one client however many ports it comes from", async (_name, header) => {
    const codes = [];
    for (let port = 50_001; port < 50_005; port++) codes.push(await fail(header(port)));
    expect(codes).toEqual([400, 400, 400, 429]);
  });

  it("another address is another client", async () => {
    expect(await fail("198.51.100.77:50001")).toBe(400);
  });
});
