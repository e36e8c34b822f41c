import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { openLoggedIn, prepareJourney } from "../support/journey.ts";
import { addAuthenticator } from "../support/virtual-authenticator.ts";

/** Whoever has a second factor changes it by what they have: a passkey, the app, a recovery code. */
const journey = prepareJourney({}, { isNamed: true });
const halfMinute = 30_000;

const inChinese = {
  ...{ title: "请确认是你本人", use: "使用通行密钥", code: "验证码或恢复码", submit: "确认" },
  ...{ digits: "应用显示的 6 位数字", addApp: "添加验证器应用", moveApp: "验证器换到另一部手机" },
  ...{ useApp: "以后使用这个应用", changed: "以后以这个应用显示的验证码为准。", renew: "更换恢复码" },
  ...{
    kept: "我已保存好",
    remove: "关闭两步验证",
    removed: "两步验证已关闭。",
    also: "用密码等其他方式登录时",
  },
  ...{ addPasskey: "添加通行密钥", password: "当前密码" },
};
const inEnglish: typeof inChinese = {
  ...{ title: "Confirm that it is you", use: "Use a passkey", code: "Code or recovery code" },
  ...{ submit: "Confirm", digits: "Six digits of the app", addApp: "Add an authenticator app" },
  ...{ moveApp: "Move the app to another phone", useApp: "Use this app from now on" },
  ...{ changed: "From now on the codes of that app count.", renew: "Other recovery codes" },
  ...{ kept: "I have kept them", remove: "Switch it off", removed: "The second factor is off." },
  ...{ also: "Ask for a passkey after a password", addPasskey: "Add a passkey" },
  password: "Current password",
};

const secretShown = async (page: Page) => {
  await page.locator(".qr").waitFor();
  return String(await page.locator(".secret code").textContent()).replace(/\s/g, "");
};

it.each([
  { words: inChinese, look: { language: "zh-CN", theme: "dark" } },
  { words: inEnglish, look: { language: "en-US", phone: true } },
] as const)("by a passkey, the app and a recovery code ($look.language)", async ({ words, look }) => {
  const { person, visitor, page } = await openLoggedIn(journey, look);
  await addAuthenticator(page);
  await page.goto("/account/passkeys");
  await page.getByLabel(words.password).fill(person.password);
  await page.getByLabel(words.also).check();
  await page.getByRole("button", { name: words.addPasskey }).click();
  await page.locator(".recovery-codes").waitFor();
  await page.getByRole("button", { name: words.kept }).click();

  // An account that has a passkey alone comes by an app, with the passkey.
  journey.stack.age();
  await page.goto("/account/second-factor");
  const dialog = page.getByRole("dialog", { name: words.title });
  await page.getByRole("button", { name: words.addApp }).press("Enter");
  await dialog.getByRole("button", { name: words.use }).waitFor();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: words.use }).press("Enter");
  const first = await secretShown(page);
  await expectAccessible(page);
  await page.getByLabel(words.digits).fill(appCode(first, Date.now() - halfMinute));
  await page.getByRole("button", { name: words.useApp }).press("Enter");
  await page.getByText(words.changed).waitFor();

  // Other recovery codes take one for themselves, however recent the last.
  await page.getByRole("button", { name: words.renew }).press("Enter");
  await dialog.getByRole("button", { name: words.use }).press("Enter");
  await page.locator(".recovery-codes").waitFor();
  const codes = await page.locator(".recovery-codes code").allTextContents();
  expect(codes).toHaveLength(10);
  await page.getByRole("button", { name: words.kept }).press("Enter");

  // To another phone, by the app that is left.
  await page.getByRole("button", { name: words.moveApp }).press("Enter");
  await dialog.getByLabel(words.code).fill(appCode(first, Date.now()));
  await page.keyboard.press("Enter");
  const second = await secretShown(page);
  expect(second).not.toBe(first);
  await expectAccessible(page);
  await page.getByLabel(words.digits).fill(appCode(second, Date.now() - halfMinute));
  await page.getByRole("button", { name: words.useApp }).press("Enter");
  await page.getByText(words.changed).waitFor();
  expect((await journey.stack.mail(person.email)).subject).toMatch(
    /验证器应用已更换|authenticator app was changed/,
  );

  const finish = async (code: string) => {
    const post = (path: string, body: object) =>
      fetch(journey.stack.apiUrl + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const held = await post("/users/authorizations/", person);
    const { step } = (await held.json()) as { step: string };
    return (await post("/users/second-factor/", { step, code })).status;
  };
  expect(await finish(appCode(first, Date.now() + halfMinute)), "the phone before").toBe(400);
  expect(await finish(appCode(second, Date.now()))).toBe(200);

  await page.getByRole("button", { name: words.remove }).press("Enter");
  await dialog.getByLabel(words.code).fill(codes[0]!);
  await page.keyboard.press("Enter");
  await page.getByText(words.removed).waitFor();
  await expectAccessible(page);
  await visitor.leave([refusedRequest]);
});
