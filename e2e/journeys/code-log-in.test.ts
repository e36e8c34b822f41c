import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { askForCode, logIn, prepareJourney } from "../support/journey.ts";
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

it("signs up by a number, sets a new password by it, and logs in by number and password", async () => {
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
  const last = await lastTo(mobile);
  endMinutes();
  await page.getByRole("button", { name: /^(获取验证码|重新获取)$/ }).click();
  const code = await stack.code(mobile, last);
  await page.getByLabel("短信验证码").fill(`【美多】您的验证码是${code}，5 分钟内有效。`);
  expect(await page.getByLabel("短信验证码").inputValue()).toBe(code);
  await page.getByLabel("新密码", { exact: true }).fill("five loud kettles");
  await page.getByLabel("再输一次密码").fill("five loud kettles");
  await page.getByRole("button", { name: "设置新密码" }).click();
  await page.getByText("密码已更新，请用新密码登录").waitFor();
  await logIn(page, { ...person, username: mobile }, "five loud kettles");
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await visitor.leave();
});

const lastTo = async (to: string) => (await journey.stack.mail(to)).id;

function inDatabase(statement: string, ...values: string[]) {
  const database = new DatabaseSync(join(journey.stack.dataDir, "meiduo.sqlite3"));
  database.exec("pragma busy_timeout = 10000");
  database.prepare(statement).run(...values);
  database.close();
}

/** As if the vendor's minute were over: the next SMS to a number would else wait for it. */
const endMinutes = () => inDatabase("delete from kv_entries where entry_key like '%:smssends'");

/** As if nobody had proved the number for half a year. */
const makeStale = (mobile: string) =>
  inDatabase("update users set mobile_proved_at = 0 where mobile = ?", mobile);

it("asks for one more proof where a number may be somebody else's, and lets who has it now sign up", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const mobile = "13900000079";
  const newcomer = await browser.visitor({ language: "zh-CN", theme: "light", phone: true });
  const first = await newcomer.tab();
  await first.goto("/register");
  await first.getByLabel("用户名", { exact: true }).fill(person.username);
  await first.getByRole("button", { name: "改用手机号" }).click();
  await first.getByLabel("手机号", { exact: true }).fill(mobile);
  await first.getByRole("button", { name: "获取验证码" }).click();
  await first.getByLabel("短信验证码").fill(await stack.code(mobile));
  await first.getByLabel("密码", { exact: true }).fill(person.password);
  await first.getByLabel("再输一次密码").fill(person.password);
  await first.getByLabel("我已阅读并同意").check();
  await first.getByRole("button", { name: "注册", exact: true }).click();
  await first.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  makeStale(mobile);

  const owner = await browser.visitor({ language: "en-US", theme: "dark", phone: false });
  const page = await owner.tab();
  await page.goto("/login/code");
  await page.getByRole("button", { name: "Use a mobile number" }).click();
  await page.getByLabel("Mobile number", { exact: true }).fill(mobile);
  let last = await lastTo(mobile);
  endMinutes();
  await page.getByRole("button", { name: "Send code" }).click();
  await page.getByLabel("Code by SMS").fill(await stack.code(mobile, last));
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByText("may be somebody else’s by now").waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "stale-number.en.dark.png"), fullPage: true });
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("heading", { name: person.username }).waitFor();
  makeStale(mobile);
  await owner.leave([refusedRequest]);

  const other = await browser.visitor({ language: "zh-CN", theme: "light", phone: true });
  const phone = await other.tab();
  await phone.goto("/login/code");
  await phone.getByRole("button", { name: "改用手机号" }).click();
  await phone.getByLabel("手机号", { exact: true }).fill(mobile);
  last = await lastTo(mobile);
  endMinutes();
  await phone.getByRole("button", { name: "获取验证码" }).click();
  await phone.getByLabel("短信验证码").fill(await stack.code(mobile, last));
  await phone.getByRole("button", { name: "登录", exact: true }).click();
  await phone.getByText("可能已经换了主人").first().waitFor();
  await phone.screenshot({ path: join(folder, "stale-number.phone.png"), fullPage: true });
  await phone.getByRole("button", { name: "不是我的账号，新注册一个" }).click();
  const { username } = newPerson();
  await phone.getByLabel("用户名", { exact: true }).fill(username);
  await phone.getByLabel("我已阅读并同意").check();
  await phone.getByRole("button", { name: "注册并登录" }).click();
  await phone.getByRole("heading", { name: `你好，${username}` }).waitFor();
  await other.leave([refusedRequest]);
  await newcomer.leave();
});
