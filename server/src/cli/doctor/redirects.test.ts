import { expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { checkAddresses } from "./address-checks.ts";

const redirects = (env: Record<string, string>) =>
  checkAddresses(readConfig(env))
    .filter(({ check }) => check.startsWith("redirect"))
    .map(({ check, level }) => [check, level]);
const elsewhere = "http://127.0.0.1:9999/oauth_callback.html";

test("redirect addresses are judged where the sandbox stands in, of which only what is wrong is reported", () => {
  expect(redirects({})).toEqual([]);
  expect(redirects({ QQ_REDIRECT_URI: elsewhere, OIDC_OIDC_REDIRECT_URI: elsewhere })).toEqual([
    ["redirect-qq", "fail"],
    ["redirect-oidc", "fail"],
  ]);
  expect(redirects({ QQ_REDIRECT_URI: elsewhere, SANDBOX: "false" })).toEqual([]);
});

test("a provider with an account of its own is judged once", () => {
  const client = { QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "2" };
  expect(redirects({ ...client, QQ_REDIRECT_URI: elsewhere })).toEqual([["redirect-qq", "fail"]]);
  expect(redirects(client)).toEqual([["redirect-qq", "ok"]]);
});
