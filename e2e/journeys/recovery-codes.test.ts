import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { openLoggedIn, prepareJourney } from "../support/journey.ts";

/** What is shown once can be kept in three ways: copied, printed, downloaded. */
const journey = prepareJourney();

it.each([
  {
    look: { language: "zh-CN", phone: true },
    words: { begin: "开启两步验证", digits: "应用显示的 6 位数字", confirm: "确认开启", title: "恢复码" },
    more: { copy: "复制", copied: "已复制。", print: "打印", download: "下载" },
  },
  {
    look: { language: "en-US" },
    words: {
      begin: "Switch it on",
      digits: "Six digits of the app",
      confirm: "Confirm",
      title: "Recovery codes",
    },
    more: {
      copy: "Copy",
      copied: "Copied.",
      print: "Print",
      download: "Download",
      password: "Current password",
    },
  },
] as const)("recovery codes, $look.language", async ({ look, words, more }) => {
  const { page, person, visitor } = await openLoggedIn(journey, look);
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/account/second-factor");
  await page.locator("input[autocomplete=current-password]").fill(person.password);
  await page.getByRole("button", { name: words.begin }).click();
  await page.locator(".secret code").waitFor();
  const secret = String(await page.locator(".secret code").textContent()).replace(/\s/g, "");
  await page.getByLabel(words.digits).fill(appCode(secret, Date.now()));
  await page.getByRole("button", { name: words.confirm }).click();
  await page.getByRole("heading", { name: words.title }).waitFor();
  await expectAccessible(page);
  const codes = await page.locator(".recovery-codes code").allTextContents();
  expect(codes).toHaveLength(10);
  const kept = `${codes.join("\n")}\n`;

  await page.getByRole("button", { name: more.copy }).click();
  await page.getByText(more.copied).waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(kept);

  await page.evaluate("window.print = () => { window.printed = (window.printed ?? 0) + 1; }");
  await page.getByRole("button", { name: more.print }).click();
  expect(await page.evaluate("window.printed")).toBe(1);

  const downloaded = page.waitForEvent("download");
  await page.getByRole("link", { name: more.download }).click();
  const file = await downloaded;
  expect(file.suggestedFilename()).toBe("recovery-codes.txt");
  expect(readFileSync(await file.path(), "utf8")).toBe(kept);
  await visitor.leave();
});
