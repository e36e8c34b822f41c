import { expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { logIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();
const halfMinute = 30_000;

it("is switched on by an app, asked for at the log-in, and a recovery code stands in for it", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login?next=%2Faccount%2Fsecond-factor");
  await logIn(page, person);
  await page.getByRole("button", { name: "开启两步验证" }).waitFor();
  await expectAccessible(page);
  await page.getByLabel("当前密码").fill(person.password);
  await page.getByRole("button", { name: "开启两步验证" }).click();
  await page.getByRole("img", { name: "含有密钥的二维码" }).waitFor();
  await expectAccessible(page);
  const secret = String(await page.locator(".secret code").textContent()).replace(/\s/g, "");

  await page.getByLabel("应用显示的 6 位数字").fill("000000");
  await page.getByRole("button", { name: "确认开启" }).click();
  await page.getByText("验证码不对，请输入验证器应用当前显示的 6 位数字。").waitFor();
  // A step back: the code of now is for the log-in, as none counts twice.
  await page.getByLabel("应用显示的 6 位数字").fill(appCode(secret, Date.now() - halfMinute));
  await page.getByRole("button", { name: "确认开启" }).click();
  await page.getByRole("heading", { name: "恢复码" }).waitFor();
  await expectAccessible(page);
  const codes = await page.locator(".recovery-codes code").allTextContents();
  expect(codes).toHaveLength(10);
  await page.getByRole("button", { name: "我已保存好" }).click();
  await page.getByText("剩余恢复码：10 个").waitFor();

  await page.getByRole("button", { name: "退出登录" }).click();
  await page.getByText("你已退出登录。").waitFor();
  await page.goto("/login?next=%2Faccount");
  await logIn(page, person);
  await page.waitForURL("**/second-factor");
  await expectAccessible(page);
  const code = page.getByLabel("验证码或恢复码");
  await code.fill("000000");
  await code.press("Enter");
  await page.getByText("验证码不对或已用过").waitFor();
  // A reload loses nothing.
  await page.reload();
  await code.fill(appCode(secret, Date.now()));
  await code.press("Enter");
  await page.waitForURL("**/account");

  await page.getByRole("button", { name: "退出登录" }).click();
  await page.getByText("你已退出登录。").waitFor();
  await page.goto("/login");
  await logIn(page, person);
  await page.waitForURL("**/second-factor");
  await code.fill(codes[0]!.toLowerCase());
  await page.getByRole("button", { name: "继续" }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await visitor.leave([refusedRequest]);
});

it("says what to do where no log-in waits", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/second-factor");
  await page.getByText("没有等待两步验证的登录，请重新登录。").waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "返回登录" }).click();
  await page.waitForURL("**/login");
  await visitor.leave();
});
