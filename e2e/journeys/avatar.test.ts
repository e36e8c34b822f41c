import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import type { Look } from "../support/browser.ts";
import { openLoggedIn, prepareJourney } from "../support/journey.ts";

/** Somebody chooses a picture of themselves by the keyboard, sees it, and removes it; what is no picture is refused in words. */
const journey = prepareJourney();
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const screenshots = join(root, "screenshots");
mkdirSync(screenshots, { recursive: true });
const pictures = join(root, "../server/test/vectors/pictures");

const chooser = (page: Page) => page.getByRole("button", { name: /^(选择图片|Choose a picture)$/ });

async function choose(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  const opened = page.waitForEvent("filechooser");
  await chooser(page).press("Enter");
  await (await opened).setFiles(file);
}

/** The colours at the middles of the quarters of what the API serves, read as a page of another origin may. */
const quarters = (page: Page) =>
  page.evaluate(`(async () => {
    const image = document.querySelector("img.own-picture");
    const shown = await createImageBitmap(await (await fetch(image.src)).blob());
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = shown.width;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(shown, 0, 0);
    const [near, far] = [shown.width / 4, (shown.width * 3) / 4];
    const at = (x, y) => {
      const [red, green, blue] = pen.getImageData(x, y, 1, 1).data;
      return red > 200 && green > 200 ? "yellow" : blue > 200 ? "blue" : green > 100 ? "green" : "other";
    };
    return [shown.width, at(near, near), at(far, near), at(near, far), at(far, far)];
  })()`);

/** The picture is there in its full size: the site's policy lets it show what the API serves. */
async function isShown(page: Page): Promise<void> {
  await page.locator("img.own-picture").waitFor();
  const image = "document.querySelector('img.own-picture')";
  expect(await page.evaluate(`${image}.decode().then(() => ${image}.naturalWidth)`)).toBe(320);
}

it("a photo that lies on its side, chosen by the keyboard, stands upright; then it is removed", async () => {
  const { page, visitor, person } = await openLoggedIn(journey);
  await page.goto("/account");
  await page.getByText("还没有头像，显示名字的首字。").waitFor();
  expect(await page.locator(".initial").textContent()).toBe(person.username[0]!.toUpperCase());
  await choose(page, join(pictures, "pillow-exif-6.jpg"));
  await page.getByText("头像已更换。").waitFor();
  const picture = page.locator("img.own-picture");
  await picture.waitFor();
  await isShown(page);
  expect(await quarters(page)).toEqual([320, "blue", "yellow", "green", "blue"]);
  await expectAccessible(page);

  await page.reload();
  await picture.waitFor();
  await page.getByRole("button", { name: "去掉头像" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("头像已去掉。").waitFor();
  await page.locator(".initial").waitFor();
  expect(await page.evaluate("document.activeElement.dataset.action")).toBe("choose-avatar");
  await visitor.leave();
});

it("what is no picture is refused, and what was there stays", async () => {
  const { page, visitor } = await openLoggedIn(journey);
  await page.goto("/account");
  await choose(page, join(pictures, "pillow.gif"));
  await page.getByText("头像已更换。").waitFor();
  const svg = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>");
  await choose(page, { name: "me.png", mimeType: "image/png", buffer: svg });
  await page.getByText("无法读取这张图片。").waitFor();
  await expectAccessible(page);
  expect(await page.locator("img.own-picture").count()).toBe(1);
  await visitor.leave([/400/]);
});

const looks: Look[] = [
  { language: "zh-CN", theme: "light", phone: false },
  { language: "zh-CN", theme: "dark", phone: true },
  { language: "en-US", theme: "light", phone: true },
  { language: "en-US", theme: "dark", phone: false },
];

it.each(looks)("looks right: $language $theme phone=$phone", async (look) => {
  const { page, visitor } = await openLoggedIn(journey, look);
  const name = `${look.language}.${look.theme}.${look.phone ? "phone" : "desktop"}`;
  await page.goto("/account");
  await page.locator(".initial").waitFor();
  await expectAccessible(page);
  await page.screenshot({ path: join(screenshots, `avatar-none.${name}.png`), fullPage: true });
  await choose(page, join(pictures, "pillow.webp"));
  await isShown(page);
  await expectAccessible(page);
  await page.screenshot({ path: join(screenshots, `avatar.${name}.png`), fullPage: true });
  await visitor.leave();
});
