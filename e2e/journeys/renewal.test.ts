import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { refusedRequest } from "../support/browser.ts";
import { logIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();

/** As if the fifteen minutes of the access token were over. */
const spoil = `{
  const kept = JSON.parse(localStorage["meiduo.renewal"]);
  localStorage["meiduo.renewal"] = JSON.stringify({ ...kept, token: "x.y.z" });
  localStorage.token = "x.y.z";
}`;
const kept = (page: Page) => page.evaluate("[localStorage.token, localStorage['meiduo.renewal']]");

it("who is remembered goes on when the token has expired, in all tabs at once, by one session", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByLabel("记住我").check();
  await logIn(page, person);
  const greeting = { name: `你好，${person.username}` };
  await page.getByRole("heading", greeting).waitFor();
  const tabs = [page, await visitor.tab(), await visitor.tab()];
  let renewals = 0;
  for (const tab of tabs) {
    await tab.goto("/terms");
    tab.on("request", (request) => {
      if (request.url().endsWith("/user/tokens/refresh/") && request.method() === "POST") renewals++;
    });
  }
  await page.evaluate(spoil);
  await Promise.all(tabs.map((tab) => tab.goto("/account/devices")));
  await Promise.all(tabs.map((tab) => tab.getByText("当前设备").waitFor()));
  // Usually one. A tab may see late what another has stored; then the server answers it the same refresh token.
  expect(renewals).toBeGreaterThan(0);
  const refreshTokens = async () =>
    new Set(
      await Promise.all(
        tabs.map((tab) => tab.evaluate("JSON.parse(localStorage['meiduo.renewal']).refreshToken")),
      ),
    );
  await expect.poll(async () => (await refreshTokens()).size).toBe(1);
  expect((await kept(page)) as string[]).not.toContain("x.y.z");

  await page.getByRole("button", { name: "退出登录" }).click();
  await page.getByText("你已退出登录。").waitFor();
  expect(await kept(page)).toEqual([undefined, undefined]);
  await visitor.leave([refusedRequest]);
});

it("a session that was ended elsewhere is not renewed: the log-in page says so", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const { token } = await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByLabel("记住我").check();
  await logIn(page, person);
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  const headers = { authorization: `JWT ${token}` };
  const answer = await fetch(`${stack.apiUrl}/user/sessions/`, { method: "DELETE", headers });
  expect(await answer.json()).toEqual({ ended: 1 });
  await page.goto("/account");
  await page.waitForURL("**/login?**");
  expect(await kept(page)).toEqual([undefined, undefined]);
  await visitor.leave([refusedRequest]);
});
