import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Classic, startClassic } from "../support/classic.ts";

/**
 * Who has an IPv6 /48 has 65,536 networks (attack: a fresh one for each try). Every limit of a client's network has one
 * of its /48 above it, here twice as high.
 */
let site: Classic;
beforeAll(async () => {
  const limits = { OAUTH_LIMIT: "2", SERVICE_FAILURE_LIMIT: "2", FIND_PASSWORD_LIMIT: "2" };
  const github = { GITHUB_CLIENT_ID: "client", GITHUB_CLIENT_SECRET: "secret" };
  const env = { ...limits, ...github, LOGIN_ATTEMPT_LIMIT_PER_CLIENT: "2", WIDER_NETWORK_FACTOR: "2" };
  site = await startClassic({ env });
});
afterAll(() => site.test.close());

const ways: Record<string, (headers: Record<string, string>) => Promise<{ statusCode: number }>> = {
  "beginning a log-in by a passkey": (headers) =>
    site.test.anonymous({ method: "POST", url: "/users/passkeys/options/", headers }),
  "beginning a log-in by a third party": (headers) =>
    site.test.anonymous({ url: "/oauth/github/authorization/?next=/", headers }),
  "a service's wrong credential": (headers) =>
    site.test.anonymous({
      ...{ method: "POST", url: "/token/introspect/", payload: { token: "x" } },
      headers: { ...headers, authorization: `Basic ${btoa("shop:meiduo_svc_wrong")}` },
    }),
  "finding a password's account": async (headers) => {
    // The picture has a limit of its own, which is another test's.
    const picture = await site.picture(randomUUID());
    return site.test.anonymous({ url: `/accounts/nobody-there/sms/token/?${picture}`, headers });
  },
  "proving a number to find a password": (headers) =>
    site.test.anonymous({ url: "/accounts/nobody-there/password/token/?sms_code=123456", headers }),
};

it.each(Object.entries(ways))("%s: a network has its limit, and its /48 twice as many", async (_, call) => {
  const isLimited = async (address: string) =>
    (await call({ "x-forwarded-for": address })).statusCode === 429;
  const inTurn = async (addresses: readonly string[]) => {
    const limited: boolean[] = [];
    for (const address of addresses) limited.push(await isLimited(address));
    return limited;
  };
  const of = (network: string, times: number) => Array<string>(times).fill(`2001:db8:7:${network}::1`);
  expect(await inTurn(of("a", 3))).toEqual([false, false, true]);
  expect(await inTurn([...of("b", 1), ...of("c", 1), ...of("d", 2)])).toEqual([false, false, true, true]);
  expect(await inTurn(["2001:db8:8::1", "203.0.113.5"])).toEqual([false, false]);
});
