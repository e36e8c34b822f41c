import type { Captcha, KeyFinding } from "../../captcha/captcha.ts";
import { openCaptcha } from "../../captcha/open-captcha.ts";
import type { Config } from "../../config/config.ts";
import { outgoingHttp } from "../../engines/outgoing-http.ts";
import { systemClock } from "../../kernel/clock.ts";
import { randomToken } from "../../kernel/ids.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** The captcha: whether the site's own can be made, and what a vendor says of the keys. Asks with an answer that nobody gave. */
export async function checkCaptcha(config: Config): Promise<Diagnosis[]> {
  const { secretKey, secretKeyFallbacks } = config;
  const captcha = await openCaptcha({
    ...{ transport: config.captcha, hosts: null, clock: systemClock, timeoutMillis: 8_000 },
    // In development the server makes one at its start: any does to see that a challenge can be made.
    secretKeys: secretKeysOf({ secretKey: secretKey ?? randomToken(32), secretKeyFallbacks }),
    http: () => outgoingHttp(config.outgoingProxy),
  });
  if (captcha === null) {
    return [
      ok(
        "captcha",
        "CAPTCHA_URL=none：有风险时，已知设备以外都要等待。",
        "CAPTCHA_URL=none: under a risk everybody but known devices waits.",
      ),
    ];
  }
  try {
    return [captcha.tryKeys === undefined ? await own(captcha) : told(captcha.kind, await captcha.tryKeys())];
  } catch (error) {
    const { message } = error as Error;
    return [
      fail(
        "captcha",
        `${captcha.kind} 连不上：${message}。请检查 CAPTCHA_URL 的主机，以及本机是否允许访问它（代理见 HTTPS_PROXY）。`,
        `${captcha.kind} can't be reached: ${message}. Check the host in CAPTCHA_URL, and whether this machine may reach it (HTTPS_PROXY for a proxy).`,
      ),
    ];
  } finally {
    await captcha.close();
  }
}

/** Its secret comes from SECRET_KEY: a challenge that can be made can be checked. */
async function own(captcha: Captcha): Promise<Diagnosis> {
  await captcha.ask({ purpose: "signIn", address: "doctor" });
  return ok(
    "captcha",
    "altcha：本站自己的工作量证明，密钥由 SECRET_KEY 派生，题目可以生成。",
    "altcha: the site's own proof of work; its secret comes from SECRET_KEY, and a challenge can be made.",
  );
}

function told(kind: string, { isGood, words }: KeyFinding): Diagnosis {
  if (isGood === true) {
    return ok("captcha", `${kind}：密钥可用（${words}）。`, `${kind}: the secret is good (${words}).`);
  }
  if (isGood === false) {
    return fail(
      "captcha",
      `${kind}：密钥不可用：${words}。请检查 CAPTCHA_URL 中的密钥（特殊字符须百分号编码）。`,
      `${kind}: the secret can't be used: ${words}. Check it in CAPTCHA_URL (special characters percent-encoded).`,
    );
  }
  return warn(
    "captcha",
    `${kind} 可连接，但没有说明密钥对不对（${words}）：请在站点上完成一次验证，看日志中有无 captcha_unavailable。`,
    `${kind} answers, but did not tell whether the keys are right (${words}): answer one on the site, and look for captcha_unavailable in the log.`,
  );
}
