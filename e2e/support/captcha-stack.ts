import { afterAll, beforeAll } from "vitest";
import { freePort } from "../../server/test/support/free-port.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import type { Journey } from "./journey.ts";
import { type Stack, startStack } from "./stack.ts";

/** The product before the sandbox's captcha, asked for from the second SMS on; one was sent. `url` gets the sandbox's host. */
export function prepareCaptcha(url: (sandboxHost: string) => string): Journey {
  let stack: Stack | undefined;
  let browser: TestBrowser | undefined;
  beforeAll(async () => {
    const sandboxPort = await freePort();
    stack = await startStack({
      ...{ SANDBOX_PORT: String(sandboxPort), CAPTCHA_URL: url(`127.0.0.1:${sandboxPort}`) },
      ...{ CODE_SIGN_IN: "sms", SIGN_UP_BY: "email,mobile", SEND_CODE_INTERVAL: "1" },
      ...{ SMS_REQUEST_LIMIT: "1000", SMS_REQUEST_LIMIT_PER_DAY: "1000", CAPTCHA_AFTER_SMS: "1" },
    });
    stack = { ...stack, sandboxUrl: `http://127.0.0.1:${sandboxPort}` };
    browser = await openBrowser(stack);
    const sent = await fetch(`${stack.apiUrl}/verifications/sms_codes/13900000001/?send_type=signIn`);
    if (!sent.ok) throw new Error(await sent.text());
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });
  return {
    get stack() {
      return stack!;
    },
    get browser() {
      return browser!;
    },
  };
}
