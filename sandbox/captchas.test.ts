import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { captchaPage } from "../server/src/captcha/captcha-page.ts";
import { parseCaptchaUrl } from "../server/src/captcha/captcha-url.ts";
import { openCaptcha } from "../server/src/captcha/open-captcha.ts";
import { outgoingHttp } from "../server/src/engines/outgoing-http.ts";
import { systemClock } from "../server/src/kernel/clock.ts";
import { sandboxCaptchas } from "./captchas.ts";
import { createSandbox } from "./sandbox.ts";

/** The imitated captchas: each setting that the sandbox prints leads to a script that comes and a check that answers as was chosen. */
let sandbox: Awaited<ReturnType<typeof createSandbox>>;
let origin: string;
beforeAll(async () => {
  sandbox = await createSandbox({ environment: "test" });
  origin = await sandbox.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => sandbox.close());

const about = { purpose: "signIn", address: "13800138000", clientAddress: "203.0.113.7" };
let count = 0;

async function verdict(url: string, outcome: string, times = 1) {
  const captcha = (await openCaptcha({
    ...{ transport: parseCaptchaUrl(url), hosts: null, clock: systemClock },
    secretKeys: ["captcha-test-secret-key-of-32-signs"],
    http: () => outgoingHttp({ http: "", https: "", except: "" }),
  }))!;
  const { handle, bound, action } = await captcha.ask(about);
  // As captcha-script.js writes it, and the frame hands it on (web/src/captcha-frame/widgets.ts).
  const told = btoa(JSON.stringify({ outcome, action, cdata: bound, nonce: ++count }));
  const token = {
    geetest: JSON.stringify({ lot_number: told, captcha_output: "o", pass_token: "p", gen_time: "1" }),
    tencent: JSON.stringify({ ticket: told, randstr: "@snd" }),
  }[captcha.kind as string];
  const verdicts = [];
  for (let i = 0; i < times; i++)
    verdicts.push(await captcha.verify({ ...about, token: token ?? told, handle: handle! }));
  await captcha.close();
  return verdicts;
}

describe.each(sandboxCaptchas("http://127.0.0.1:1"))("CAPTCHA_URL=%s", (printed) => {
  const url = () => printed.replace("127.0.0.1:1", new URL(origin).host);

  it.each([
    ["passes", "passed"],
    ["refused", "refused"],
    ["spent", "refused"],
    ["down", "unavailable"],
    ["wrong-secret", "unavailable"],
  ])("%s: %s", async (outcome, expected) => {
    expect(await verdict(url(), outcome)).toEqual([expected]);
  });

  it("takes an answer once", async () => {
    expect(await verdict(url(), "passes", 2)).toEqual(["passed", "refused"]);
  });

  it("has a script, unless it is told that there is none", async () => {
    const { script } = captchaPage(parseCaptchaUrl(url()))!;
    const ask = async () => {
      const answer = await fetch(script);
      return [answer.status, answer.headers.get("content-type")];
    };
    const choose = (what: string) =>
      fetch(`${origin}/captcha`, {
        ...{ method: "POST", redirect: "manual" },
        body: new URLSearchParams({ script: what }),
      });
    expect(await ask()).toEqual([200, "text/javascript; charset=utf-8"]);
    await choose("missing");
    expect((await ask())[0]).toBe(503);
    await choose("comes");
    expect((await ask())[0]).toBe(200);
  });
});

it("refuses production", async () => {
  await expect(createSandbox({ environment: "production" })).rejects.toThrow(/production/);
});
