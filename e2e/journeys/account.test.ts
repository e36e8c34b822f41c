import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { adoptToken, logIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();

it("changes the names, the mobile number and the address, and logs in by the new ones", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await adoptToken(page, person, token, id);

  await page.goto("/account");
  await page.getByLabel("姓", { exact: true }).fill("欧阳");
  await page.getByLabel("名", { exact: true }).fill("小美");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("已保存。").waitFor();
  await expectAccessible(page);

  await page.getByRole("link", { name: "邮箱和手机" }).click();
  const mobile = page.getByRole("region", { name: "手机号" });
  await mobile.getByLabel("手机号").fill("12345");
  await mobile.getByRole("button", { name: "保存" }).click();
  await mobile.getByText("请输入 11 位手机号。").waitFor();
  await mobile.getByLabel("手机号").fill("13900001111");
  await mobile.getByLabel("当前密码").fill("not the password");
  await mobile.getByRole("button", { name: "保存" }).click();
  await mobile.locator("[name=current_password][aria-invalid=true]").waitFor();
  await expectAccessible(page);
  await mobile.getByLabel("当前密码").fill(person.password);
  await mobile.getByRole("button", { name: "保存" }).click();
  await mobile.getByText("手机号已更新。").waitFor();

  const fresh = newPerson();
  const email = page.getByRole("region", { name: "邮箱" });
  await email.getByLabel("新邮箱").fill(fresh.email);
  await email.getByRole("button", { name: "获取验证码" }).click();
  await email.getByLabel("邮箱验证码").fill(await stack.code(fresh.email));
  await email.getByLabel("当前密码").fill(person.password);
  await email.getByRole("button", { name: "更换邮箱" }).click();
  await email.getByText("邮箱已更新。").waitFor();
  await email.getByText(`当前邮箱：${fresh.email}`).waitFor();
  expect(await email.getByLabel("当前密码").inputValue()).toBe("");

  await page.getByRole("button", { name: "退出登录" }).click();
  await logIn(page, { ...person, username: "13900001111" });
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await page.getByText(fresh.email).waitFor();
  await visitor.leave([refusedRequest]);
});

it("changes the password: this tab goes on, the other browser has to log in again", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  const here = await browser.visitor();
  const there = await browser.visitor();
  const page = await here.tab();
  const elsewhere = await there.tab();
  for (const tab of [page, elsewhere]) await adoptToken(tab, person, token, id);

  await page.goto("/account/password");
  await expectAccessible(page);
  await page.getByLabel("当前密码").fill(person.password);
  await page.getByLabel("新密码", { exact: true }).fill("seven green umbrellas");
  await page.getByLabel("再输一次密码").fill("seven green umbrellas");
  await page.getByRole("button", { name: "修改密码" }).click();
  await page.getByText("密码已修改。").waitFor();
  expect(await page.evaluate("sessionStorage.token")).not.toBe(token);
  await page.goto("/");
  await page.getByText(person.email).waitFor();

  await elsewhere.goto("/");
  await elsewhere.getByText("登录已过期，请重新登录。").waitFor();
  await logIn(elsewhere, person, "seven green umbrellas");
  await elsewhere.getByText(person.email).waitFor();
  await here.leave();
  await there.leave([refusedRequest]);
});

it("logs out everywhere", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await adoptToken(page, person, token, id);
  await page.goto("/account/password");
  await page.getByRole("button", { name: "全部退出" }).click();
  await page.getByText("你已退出登录。").waitFor();
  const answer = await fetch(`${stack.apiUrl}/user/`, { headers: { authorization: `JWT ${token}` } });
  expect(answer.status).toBe(401);
  await visitor.leave();
});
