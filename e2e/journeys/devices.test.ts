import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { logIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();

it("shows where one is logged in, ends another device, and its page says so", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const [here, there] = [await browser.visitor(), await browser.visitor()];
  const other = await there.tab();
  await other.goto("/login?next=%2Faccount");
  await logIn(other, person);
  await other.waitForURL("**/account");

  const page = await here.tab();
  await page.goto("/login?next=%2Faccount%2Fdevices");
  await logIn(page, person);
  await page.getByText("当前设备").waitFor();
  await expectAccessible(page);
  // The sign-up's own session, and the other visitor's.
  const buttons = page.getByRole("button", { name: /^退出 / });
  expect(await buttons.count()).toBe(2);
  const history = page.getByRole("region", { name: "登录历史" });
  await history.locator("[data-log-in]").nth(2).waitFor();
  expect(await history.getByRole("link", { name: "修改密码" }).getAttribute("href")).toBe(
    "/account/password",
  );
  await page.getByRole("button", { name: "退出所有其他设备" }).click();
  await page.getByText("所有其他设备都已退出登录。").waitFor();
  expect(await buttons.count()).toBe(0);
  await history.getByText("结束于").nth(1).waitFor();
  await expectAccessible(page);

  await other.reload();
  await other.waitForURL("**/login?**");
  await here.leave();
  await there.leave([refusedRequest]);
});

it("logs out at the server: a copy of the token is worth nothing afterwards", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await logIn(page, person);
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  const token = String(await page.evaluate("sessionStorage.token"));
  const me = () => fetch(`${stack.apiUrl}/user/`, { headers: { authorization: `JWT ${token}` } });
  expect((await me()).status).toBe(200);
  await page.getByRole("button", { name: "退出登录" }).click();
  await page.getByText("你已退出登录。").waitFor();
  expect((await me()).status).toBe(401);
  await visitor.leave();
});
