import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { captchaVendors } from "../../../test/support/captcha-vendors.ts";
import { imitatedService, type ServiceReply } from "../../../test/support/imitated-service.ts";
import { readConfig } from "../../config/config.ts";
import { checkCaptcha } from "./captcha-check.ts";

/** What the doctor finds of the captcha's keys, where the vendor tells a wrong one from a wrong answer. */
const folder = mkdtempSync(join(tmpdir(), "meiduo-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const says = (body: object, status = 200): ServiceReply => [status, JSON.stringify(body)];
const errors = (...codes: string[]) => says({ success: false, "error-codes": codes });
const tencent = (response: object) => says({ Response: { ...response, RequestId: "r" } });

it.each<[keyof typeof captchaVendors, string, ServiceReply, string]>([
  ["turnstile", "a wrong answer", errors("invalid-input-response"), "ok"],
  ["turnstile", "a wrong secret", errors("invalid-input-secret"), "fail"],
  ["turnstile", "its own trouble", errors("internal-error"), "warn"],
  ["hcaptcha", "a wrong answer", errors("invalid-input-response"), "ok"],
  ["hcaptcha", "a secret of another site key", errors("sitekey-secret-mismatch"), "fail"],
  ["geetest", "what it says of either", says({ status: "success", result: "fail" }), "warn"],
  ["tencent", "another access key", tencent({ Error: { Code: "AuthFailure.SecretIdNotFound" } }), "fail"],
  ["tencent", "a forged ticket", tencent({ CaptchaCode: 15 }), "warn"],
  ["aliyun", "a wrong answer", says({ Success: true, Result: { VerifyResult: false } }), "ok"],
  ["aliyun", "another access key", says({ Code: "SignatureDoesNotMatch" }, 403), "fail"],
  ["aliyun", "trouble", [500, "{}"], "warn"],
  ["turnstile", "nothing", "broken", "fail"],
])("%s, %s: %s", async (kind, _what, reply, level) => {
  const service = await imitatedService(() => reply);
  try {
    const config = readConfig({ DATA_DIR: folder, CAPTCHA_URL: captchaVendors[kind].url(service.host) });
    const found = await checkCaptcha(config);
    expect(found.map((one) => `${one.check} ${one.level}`)).toEqual([`captcha ${level}`]);
    expect(JSON.stringify(found)).not.toMatch(/secret_test|appSecret123/);
  } finally {
    await service.close();
  }
});

it.each(["altcha", "none"])("%s is good", async (url) => {
  const found = await checkCaptcha(readConfig({ DATA_DIR: folder, CAPTCHA_URL: url }));
  expect(found.map(({ level }) => level)).toEqual(["ok"]);
});
