import { type ApiError, createClient } from "@meiduo/client";
import { createChallenge, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { afterEach, expect, it, vi } from "vitest";
import { captchaAnswering } from "./captcha.ts";
import { captchaQuestion } from "./captcha-question.ts";

afterEach(() => vi.unstubAllGlobals());

const secrets = { hmacSignatureSecret: "s", hmacKeySignatureSecret: "k" };
const refused = { title: "Answer it.", status: 403, code: "captcha_required", fields: [] };

/** An API that asks for a captcha, and what it was sent. */
function askingApi(captcha: object, vendor: string | null = null, isRight = (_token: string) => true) {
  const sent: Headers[] = [];
  const client = createClient({
    baseUrl: "http://api.test",
    captcha: captchaAnswering(vendor),
    fetch: async (_url: unknown, init?: { readonly headers?: unknown }) => {
      const headers = new Headers(init?.headers as Record<string, string>);
      sent.push(headers);
      if (isRight(headers.get("x-meiduo-captcha") ?? "") && headers.has("x-meiduo-captcha"))
        return Response.json({ message: "OK" });
      if (headers.get("x-meiduo-captcha-kinds") === "") return Response.json({ message: "OK" });
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

const asked = { kind: "turnstile", site_key: "k", action: "signIn", handle: "h1", bound: "b1" };
/** The dialog's question, once the call waits for it. */
const question = () => vi.waitUntil(() => captchaQuestion.value);

it("waits for the vendor's widget, and sends its token with what came with the question", async () => {
  const { client, sent } = askingApi(asked, "turnstile");
  const call = client.sendSmsCode("13800138000", "signIn");
  const { needed, isAgain, settle } = await question();
  expect([needed.siteKey, needed.bound, isAgain]).toEqual(["k", "b1", false]);
  settle("token-1");
  await call;
  expect(captchaQuestion.value).toBeNull();
  expect(sent.map((headers) => headers.get("x-meiduo-captcha-kinds"))).toEqual([
    "altcha,turnstile",
    "altcha,turnstile",
  ]);
  expect(sent[1]!.get("x-meiduo-captcha")).toBe("token-1");
  expect(sent[1]!.get("x-meiduo-captcha-handle")).toBe("h1");
});

it("asks once more where the answer was refused, and then leaves it to the caller", async () => {
  const { client, sent } = askingApi(asked, "turnstile", () => false);
  const call = client.sendSmsCode("13800138000", "signIn").catch((reason: ApiError) => reason);
  (await question()).settle("wrong");
  await vi.waitUntil(() => captchaQuestion.value?.isAgain === true);
  captchaQuestion.value!.settle("wrong again");
  expect(await call).toMatchObject({ code: "captcha_required" });
  expect(sent).toHaveLength(3);
});

it("goes on as a client that can't answer where the widget can't be had", async () => {
  const { client, sent } = askingApi(asked, "turnstile");
  const call = client.sendSmsCode("13800138000", "signIn");
  (await question()).settle(null);
  await call;
  expect(sent[1]!.get("x-meiduo-captcha-kinds")).toBe("");
  expect(sent[1]!.has("x-meiduo-captcha")).toBe(false);
});

it("rejects as it was refused where the reader would not", async () => {
  const { client, sent } = askingApi(asked, "turnstile");
  const call = client.sendSmsCode("13800138000", "signIn").catch((reason: ApiError) => reason);
  (await question()).settle(undefined);
  expect(await call).toMatchObject({ code: "captcha_required" });
  expect(sent).toHaveLength(1);
});
