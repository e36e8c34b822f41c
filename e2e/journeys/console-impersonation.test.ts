import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { confirmByPassword, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/** Staff look at an account as its owner sees it, and act in the owner's place, under a banner on every page, until they end it. */
const journey = prepareJourney({ IMPERSONATION: "on" });
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });
const looks: Look[] = (["zh-CN", "en-US"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => [false, true].map((phone) => ({ language, theme, phone }))),
);
const permissions = [
  "users.view_user",
  "users.look_as_user",
  "users.impersonate_user",
  "audit.view_auditentry",
];

it("looks first, then acts, by the keyboard; refused what opens the account; ends it, and is themselves again", async () => {
  const owner = newPerson();
  const { id } = await journey.stack.signUp(owner);
  const { page, visitor, person } = await openStaff(journey, { permissions });
  journey.stack.age();
  await page.goto(`/console/users/${id}`);
  await page.getByRole("button", { name: "以用户视角查看" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel(/^原因/).fill("工单 17");
  await page.keyboard.press("Enter");
  await confirmByPassword(page, person);
  await page.getByRole("heading", { name: "本人看到的" }).waitFor();
  await page.getByText(owner.email, { exact: true }).waitFor();
  await expectAccessible(page);

  await page.getByRole("button", { name: "代表用户操作" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel(/^原因/).fill("工单 17");
  await page.keyboard.press("Enter");
  const banner = page.getByRole("region", { name: "代表用户操作", exact: true });
  await banner.getByText(`${person.username} 正在代表 ${owner.username} 操作`).waitFor();
  expect(new URL(page.url()).pathname).toBe("/account");
  await expectAccessible(page);
  const told = await journey.stack.mail(owner.email);
  expect(told.subject).toContain("工作人员正在代表您操作账号");

  // On every page, also after a reload; those of nobody in particular, and the console, too.
  for (const path of ["/account/contact", "/account/data", "/terms", "/", "/console/users"]) {
    await page.goto(path);
    await banner.waitFor();
  }
  await page.goto("/account/profile");
  await page.locator("input[name=first_name]").fill("兰");
  await page.keyboard.press("Enter");
  await page.getByText("已保存").waitFor();
  await page.goto("/account/password");
  await page.locator("button.danger").click();
  await page.getByText("代表用户操作时不能这样做").waitFor();
  await expectAccessible(page);

  await banner.getByRole("button", { name: "结束" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/console/users/${id}`);
  await page.getByText("user.impersonate-end").waitFor();
  expect(await banner.count()).toBe(0);
  await page.getByText(`→ ${owner.username}`).first().waitFor();
  await page.goto("/account");
  await page.getByText(person.username).first().waitFor();
  await visitor.leave([refusedRequest]);
});

it("is ended by other staff, and the tab goes back with the next request", async () => {
  const owner = newPerson();
  const { id } = await journey.stack.signUp(owner);
  const { page, visitor } = await openStaff(journey, { permissions });
  await page.goto(`/console/users/${id}`);
  await page.getByRole("button", { name: "代表用户操作" }).click();
  await page.getByRole("dialog").getByLabel(/^原因/).fill("工单 18");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "代表用户操作", exact: true }).waitFor();
  expect(await journey.stack.manage("impersonation", "list")).toContain(`#${id}`);
  await journey.stack.manage("impersonation", "end", owner.username);
  await page.goto("/account/devices");
  await page.waitForURL(`**/console/users/${id}`);
  await visitor.leave([refusedRequest]);
});

it.each(looks)(
  "$language $theme phone=$phone",
  async (look) => {
    const { id } = await journey.stack.signUp(newPerson());
    const { page, visitor } = await openStaff(journey, { permissions, look });
    const file = (name: string) =>
      join(
        folder,
        `impersonation-${name}.${look.language?.slice(0, 2)}.${look.theme}.${look.phone ? "phone" : "desktop"}.png`,
      );
    const picture = (name: string) => page.screenshot({ path: file(name), scale: "css" });
    const card = page.locator("section", { has: page.locator("#as-owner-title") });
    const agree = async (button: number) => {
      await card.locator(":scope > .bar > button").nth(button).click();
      await page.getByRole("dialog").locator("input[name=reason]").fill("ticket 17");
      await page.keyboard.press("Enter");
    };
    await page.goto(`/console/users/${id}`);
    await agree(0);
    await card.locator("dl").waitFor();
    await card.scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await picture("look");
    await agree(1);
    await page.locator(".impersonation").waitFor();
    await page.waitForLoadState("networkidle");
    await expectAccessible(page);
    expect((await picture("banner")).length).toBeGreaterThan(5_000);
    await visitor.leave();
  },
  120_000,
);
