import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { prepareCaptcha } from "../support/captcha-stack.ts";

/** A vendor's captcha where codes by SMS are asked for too often: Turnstile as the sandbox imitates it, with its troubles. */
const journey = prepareCaptcha((host) => `turnstile+http://site-key:secret@${host}`);
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });
const words = {
  "zh-CN": { mobile: "手机号", send: "获取验证码", title: "请完成验证" },
  "en-US": { mobile: "Mobile number", send: "Send code", title: "One more check" },
} as const;

async function askFor(page: Page, mobile: string, language: keyof typeof words = "zh-CN") {
  const { mobile: field, send } = words[language];
  await page.goto("/login/code");
  await page.getByLabel(field, { exact: true }).fill(mobile);
  await page.getByRole("button", { name: send }).click();
}

const script = (what: string) =>
  fetch(`${journey.stack.sandboxUrl}/captcha`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ script: what }),
  });

it("is asked for in a dialog of its own, answered, and the code goes out; the keyboard stays in it and comes back", async () => {
  const { stack, browser } = journey;
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await askFor(page, "13900000002");
  const dialog = page.getByRole("dialog", { name: "请完成验证" });
  const frame = page.frameLocator("iframe[title=人机验证]");
  await frame.getByRole("button", { name: "我不是程序" }).waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "captcha.png") });
  const inDialog = "document.querySelector('[role=dialog]').contains(document.activeElement)";
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Tab");
    expect(await page.evaluate(inDialog)).toBe(true);
  }
  await frame.getByRole("button", { name: "我不是程序" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await stack.code("13900000002")).toMatch(/^\d{6}$/);
  expect(await page.getByLabel("手机号", { exact: true }).inputValue()).toBe("13900000002");
  // Where a code that was sent always leads.
  await page.waitForFunction("document.activeElement.name === 'sms_code'");
  await visitor.leave([refusedRequest]);
});

it("a refused answer is asked for once more, and cancelling loses nothing", async () => {
  const { browser } = journey;
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await askFor(page, "13900000003");
  const frame = page.frameLocator("iframe[title=人机验证]");
  await frame.getByRole("combobox").selectOption("refused");
  await frame.getByRole("button", { name: "我不是程序" }).click();
  await page.getByText("刚才的验证没有通过").waitFor();
  await expectAccessible(page);
  await frame.getByRole("button", { name: "我不是程序" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("请先完成人机验证再试。").waitFor();
  await page.waitForFunction("document.activeElement.className === 'field-button'");
  expect(await page.getByLabel("手机号", { exact: true }).inputValue()).toBe("13900000003");
  await visitor.leave([refusedRequest]);
});

it("a script that doesn't come is said, and whoever goes on without it waits", async () => {
  const { browser } = journey;
  await script("missing");
  const visitor = await browser.visitor({ language: "en-US" });
  const page = await visitor.tab();
  await askFor(page, "13900000004", "en-US");
  await page.getByText("The check could not be loaded").waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "captcha.failed.png") });
  // One goes out without it; the next waits.
  await page.getByRole("button", { name: "Go on without it and wait" }).click();
  expect(await journey.stack.code("13900000004")).toMatch(/^\d{6}$/);
  await askFor(page, "13900000005", "en-US");
  await page.getByRole("button", { name: "Go on without it and wait" }).click();
  await page.getByRole("button", { name: /^Again in / }).waitFor();
  await script("comes");
  await visitor.leave([refusedRequest, /status of 503/]);
});

it("a vendor that is away keeps the SMS back", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await askFor(page, "13900000006");
  const frame = page.frameLocator("iframe[title=人机验证]");
  await frame.getByRole("combobox").selectOption("down");
  await frame.getByRole("button", { name: "我不是程序" }).click();
  await page.getByText("人机验证暂时无法使用").waitFor();
  await visitor.leave([refusedRequest, /status of 503/]);
});

it.each([
  { language: "zh-CN", theme: "dark", phone: true },
  { language: "en-US", theme: "dark", phone: false },
  { language: "en-US", theme: "light", phone: true },
] as const)("looks right in $language, $theme, phone: $phone", async (look) => {
  const visitor = await journey.browser.visitor(look);
  const page = await visitor.tab();
  await askFor(page, "13900000007", look.language);
  await page.getByRole("dialog", { name: words[look.language].title }).waitFor();
  await page.frameLocator(".captcha-frame").getByRole("combobox").waitFor();
  await expectAccessible(page);
  const name = ["captcha", look.language, look.theme, look.phone ? "phone" : "desktop"].join(".");
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await visitor.leave([refusedRequest]);
});
