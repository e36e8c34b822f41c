import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

/** Somebody signs up where the site asks for age and news apart from the terms, and takes back later what they gave. */
const journey = prepareJourney({
  ...{ AGE_GATE: "guardian", MARKETING_CONSENT_VERSION: "2026-11", TERMS_VERSION: "2026-11" },
});
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });

it("asks a child for a guardian, ticks nothing beforehand, and takes consent back by one press", async () => {
  const { stack, browser } = journey;
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  const person = newPerson();
  await page.goto("/register");
  await page.getByLabel("邮箱", { exact: true }).fill(person.email);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByLabel("邮箱验证码").fill(await stack.code(person.email));
  await page.getByLabel("用户名").fill(person.username);
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("再输一次密码").fill(person.password);
  for (const name of ["allow", "marketing"]) expect(await page.isChecked(`[name=${name}]`)).toBe(false);
  expect(await page.locator("[name=age_declared]:checked").count()).toBe(0);
  await page.getByLabel("我已阅读并同意").check();
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByText("请选择一项。").waitFor();
  // By keyboard alone: the first wrong field has the focus.
  await page.locator("[name=age_declared]").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.getByLabel("监护人的邮箱或手机号").fill("parent@example.com");
  await page.getByLabel("愿意接收新闻和优惠信息").check();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "register.age.png"), fullPage: true });
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();

  await page.goto("/account/data");
  const marketing = page.locator("[data-purpose=marketing]");
  await marketing.getByRole("button", { name: "撤回" }).click();
  await marketing.getByRole("button", { name: "同意" }).waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "own-data-consents.png"), fullPage: true });
  await page.reload();
  await marketing.getByText("未同意版本 2026-11").waitFor();
  await visitor.leave();
});
