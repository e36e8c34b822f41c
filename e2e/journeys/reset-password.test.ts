import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { openBrowser, refusedRequest, type TestBrowser } from "../support/browser.ts";
import { askForCode } from "../support/journey.ts";
import { newPerson, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: TestBrowser;

beforeAll(async () => {
  stack = await startStack({ SEND_CODE_INTERVAL: "1" });
  browser = await openBrowser(stack);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

it("sets a new password by mail; the old token dies in a second tab, the old password everywhere", async () => {
  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  const welcome = await stack.mail(person.email);
  const visitor = await browser.visitor();

  const second = await visitor.tab();
  await second.goto("/terms");
  await second.evaluate(
    `sessionStorage.token = ${JSON.stringify(token)}; sessionStorage.username = "x"; sessionStorage.user_id = "${id}"`,
  );
  await second.goto("/");
  await second.getByRole("heading", { name: `你好，${person.username}` }).waitFor();

  const elsewhere = await (await browser.visitor()).tab();
  await elsewhere.goto("/login");
  await elsewhere.getByRole("link", { name: "忘记密码？" }).click();
  await expectAccessible(elsewhere);
  await elsewhere.getByLabel("邮箱", { exact: true }).fill(person.email);
  await elsewhere.getByLabel("邮箱验证码").fill(await askForCode(stack, elsewhere, person.email, welcome.id));
  await elsewhere.getByLabel("新密码", { exact: true }).fill("five loud kettles");
  await elsewhere.getByLabel("再输一次密码").fill("five loud kettles");
  await elsewhere.getByRole("button", { name: "设置新密码" }).click();
  await elsewhere.getByText("密码已更新，请用新密码登录").waitFor();
  await expectAccessible(elsewhere);

  await second.reload();
  await second.getByText("登录已过期，请重新登录。").waitFor();

  for (const [password, outcome] of [
    [person.password, "无法使用提供的认证信息登录。"],
    ["five loud kettles", `你好，${person.username}`],
  ] as const) {
    await elsewhere.getByLabel("用户名、邮箱或手机号").fill(person.email);
    await elsewhere.getByLabel("密码", { exact: true }).fill(password);
    await elsewhere.getByRole("button", { name: "登录", exact: true }).click();
    await elsewhere.getByText(outcome).waitFor();
  }
  await visitor.leave([refusedRequest]);
});

it("answers an address without an account as one with an account", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/forgot-password");
  const { email } = newPerson();
  await page.getByLabel("邮箱", { exact: true }).fill(email);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByText(`验证码已发往 ${email}`).waitFor();
  await page.getByLabel("邮箱验证码").fill("ABC234");
  await page.getByLabel("新密码", { exact: true }).fill("five loud kettles");
  await page.getByLabel("再输一次密码").fill("five loud kettles");
  await page.getByRole("button", { name: "设置新密码" }).click();
  await page
    .getByRole("alert")
    .getByText(/邮箱验证码(过期|错误)/)
    .waitFor();
  expect(page.url()).toContain("/forgot-password");
  await visitor.leave([refusedRequest]);
});
