import { type ApiError, createClient } from "@meiduo/client";
import { createChallenge, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { afterEach, expect, it, vi } from "vitest";
import { captchaAnswering } from "./captcha.ts";

afterEach(() => vi.unstubAllGlobals());

const secrets = { hmacSignatureSecret: "s", hmacKeySignatureSecret: "k" };
const refused = { title: "Answer it.", status: 403, code: "captcha_required", fields: [] };

/** An API that asks for a captcha, and what it was sent. */
function askingApi(captcha: object) {
  const sent: Headers[] = [];
  const client = createClient({
    baseUrl: "http://api.test",
    captcha: captchaAnswering(),
    fetch: async (_url: unknown, init?: { readonly headers?: unknown }) => {
      const headers = new Headers(init?.headers as Record<string, string>);
      sent.push(headers);
      if (headers.has("x-meiduo-captcha")) return Response.json({ message: "OK" });
      return Response.json({ ...refused, captcha }, { status: 403 });
    },
  });
  return { client, sent };
}

it("does the work that is asked for, and sends the call again with it, once", async () => {
  const made = { algorithm: "PBKDF2/SHA-256", cost: 10, counter: 7, deriveKey };
  const challenge = await createChallenge({ ...made, ...secrets });
  const { client, sent } = askingApi({ kind: "altcha", challenge });
  await client.sendSmsCode("13800138000", "signIn");
  expect(sent.map((headers) => headers.get("x-meiduo-captcha-kinds"))).toEqual(["altcha", "altcha"]);
  const { solution } = JSON.parse(atob(sent[1]!.get("x-meiduo-captcha")!));
  expect(await verifySolution({ challenge, solution, deriveKey, ...secrets })).toMatchObject({
    verified: true,
  });
});

it("leaves a captcha that it doesn't know to the caller", async () => {
  const { client, sent } = askingApi({ kind: "turnstile", site_key: "k", action: "signIn" });
  const error = await client.sendSmsCode("13800138000", "signIn").catch((reason: ApiError) => reason);
  expect(error).toMatchObject({
    code: "captcha_required",
    captcha: { kind: "turnstile", siteKey: "k", action: "signIn" },
  });
  expect(sent).toHaveLength(1);
});

it("says that it can answer none where the browser has no WebCrypto", () => {
  vi.stubGlobal("crypto", {});
  expect(captchaAnswering().kinds).toEqual([]);
});
