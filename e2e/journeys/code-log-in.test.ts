import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { askForCode, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

/** A code in place of the password, by mail and by SMS: who has an account, and who makes one by it. */
const journey = prepareJourney({
  CODE_SIGN_IN: "email,sms",
  SIGN_UP_BY: "email,mobile",
  SEND_CODE_INTERVAL: "1",
});
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });

it("logs in by a code from the mail, without a password, and by the keyboard alone", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login?next=%2Faccount%2Fpassword");
  await page.getByRole("link", { name: "用验证码登录" }).click();
  await page.getByRole("heading", { name: "用验证码登录" }).waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "code-log-in.png"), fullPage: true });
  const last = (await stack.mail(person.email)).id;
  await page.getByLabel("邮箱", { exact: true }).fill(person.email);
  await page.getByLabel("邮箱验证码").fill(await askForCode(stack, page, person.email, last));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account/password");
  await visitor.leave();
});

it("makes an account by a code sent to a number, after saying that there is none", async () => {
  const { stack, browser } = journey;
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login/code");
  await page.getByRole("button", { name: "改用手机号" }).click();
  const mobile = "13900000077";
  const field = page.getByLabel("手机号", { exact: true });
  await field.waitFor();
  expect(await page.evaluate("document.activeElement.name")).toBe("mobile");
  await field.fill(mobile);
  await page.getByRole("button", { name: "获取验证码" }).click();
  const code = await stack.code(mobile);
  await page.getByLabel("短信验证码").fill(`【美多】${code} 是您的登录验证码`);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByText("还没有账号。请填写").waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "code-log-in.new.png"), fullPage: true });
  const { username } = newPerson();
  await page.getByLabel("用户名", { exact: true }).fill(username);
  await page.getByLabel("我已阅读并同意").check();
  await page.getByRole("button", { name: "注册并登录" }).click();
  await page.getByRole("heading", { name: `你好，${username}` }).waitFor();
  await visitor.leave([refusedRequest]);
});

it("signs up by a number, and is offered a new password by it", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const mobile = "13900000078";
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await page.getByLabel("用户名", { exact: true }).fill(person.username);
  await page.getByRole("button", { name: "改用手机号" }).click();
  await page.getByLabel("手机号", { exact: true }).fill(mobile);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByLabel("短信验证码").fill(await stack.code(mobile));
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("再输一次密码").fill(person.password);
  await page.getByLabel("我已阅读并同意").check();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "register.number.png"), fullPage: true });
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();

  await page.goto("/forgot-password");
  await page.getByRole("button", { name: "改用手机号" }).click();
  await page.getByLabel("手机号", { exact: true }).fill(mobile);
  await page.getByLabel("短信验证码").waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "forgot.number.png"), fullPage: true });
  await visitor.leave();
});
