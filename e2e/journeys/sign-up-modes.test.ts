import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

/** Sign-up by invitation, by e-mail alone, with fields of the site's own and terms by version. */
const label = (zh: string, en: string) => ({ zh, en });
const fields = [
  {
    name: "company",
    type: "text",
    required: true,
    label: label("公司", "Company"),
    hint: label("营业执照上的名称", "As registered"),
  },
  {
    name: "size",
    type: "choice",
    label: label("规模", "Size"),
    choices: [{ value: "L", label: label("大", "Large") }],
  },
  { name: "founded", type: "date", label: label("成立日期", "Founded") },
  { name: "newsletter", type: "boolean", label: label("接收新闻邮件", "Send me news") },
];
const journey = prepareJourney({
  SIGN_UP: "invitation",
  USERNAME: "optional",
  SIGN_UP_FIELDS: JSON.stringify(fields),
  TERMS_VERSION: "2026-11",
});
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });

it("asks for an invitation, takes its link, and makes the account with the site's own fields", async () => {
  const { stack, browser } = journey;
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await page.getByRole("heading", { name: "凭邀请注册" }).waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "register.needed.png"), fullPage: true });

  const { link } = JSON.parse(await stack.manage("invite", "create", "--json")) as { link: string };
  await page.goto(`/register${new URL(link).hash}`);
  await page.getByLabel("公司").waitFor();
  expect(new URL(page.url()).hash).toBe("");
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "register.fields.png"), fullPage: true });

  const person = newPerson();
  await page.getByLabel("邮箱", { exact: true }).fill(person.email);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByLabel("邮箱验证码").fill(await stack.code(person.email));
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("再输一次密码").fill(person.password);
  await page.getByLabel("我已阅读并同意").check();
  await page.getByRole("button", { name: "注册", exact: true }).click();
  // The one field that is required.
  await page.getByText("请填写这一项。").waitFor();
  await page.getByLabel("公司").fill("美多");
  await page.getByLabel("规模").selectOption("L");
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("heading", { name: /^你好，reader/ }).waitFor();

  await page.goto("/account");
  await expect.poll(() => page.getByLabel("公司").inputValue()).toBe("美多");
  await page.getByLabel("公司").fill("美多商城");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.reload();
  await expect.poll(() => page.getByLabel("公司").inputValue()).toBe("美多商城");
  await expectAccessible(page);
  await page.screenshot({ path: join(folder, "account.fields.png"), fullPage: true });
  await visitor.leave();
});
