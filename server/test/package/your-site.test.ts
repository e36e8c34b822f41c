import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { findChromium } from "../../../scripts/find-chromium.mjs";
import { type EmptyFolder, emptyFolder } from "../support/empty-folder.ts";
import { freePort } from "../support/free-port.ts";
import { doMainJob } from "../support/main-job.ts";
import { describeWhere, notTested } from "../support/not-tested.ts";

/**
 * docs/your-site.md as somebody follows it who has nothing but Node and npm: its lines and files as they stand there, in an
 * empty folder with an empty home, to a log-in page in their name. Only the ports are free ones.
 */
const root = resolve(import.meta.dirname, "../../..");
const executablePath = findChromium();
if (executablePath === null) notTested("Chromium, for docs/your-site.md");

const home = "https://www.yunqi.example/";
const pictures = join(root, "e2e/screenshots");
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="120" height="40" rx="8" fill="#3d2bd1"/></svg>`;

describeWhere(executablePath !== null)("put it on your site", () => {
  let browser: Browser;
  /** The repository, of which only the packed program is needed; `accounts` is made beside it. */
  let repository: EmptyFolder;
  beforeAll(async () => {
    repository = emptyFolder();
    mkdirSync(pictures, { recursive: true });
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--headless", "--no-sandbox"],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await repository?.remove();
  });

  it("one's own name stands on the log-in page after the lines of the guide", {
    timeout: 900_000,
  }, async () => {
    const { install, env, brand } = guide("docs/your-site.md");
    // The other language's are the same but for what is said about them.
    expect(guide("docs/your-site.zh.md")).toEqual({ install, env, brand });
    const accounts = join(repository.path, "../accounts");
    expect(install.shift()).toBe("npm run pack -- --into ..");
    copyFileSync(inject("tarball"), join(repository.path, "..", basename(inject("tarball"))));
    expect(install.pop()).toBe("npx meiduo-accounts start");
    const made = await repository.run(install.join(" && "));
    expect(made.code, made.output).toBe(0);

    const [port, sitePort] = [await freePort(), await freePort()];
    const ports = { API_PORT: String(port), WEB_PORT: String(sitePort) };
    const start = () =>
      repository.start("sh -c 'cd ../accounts && exec npx meiduo-accounts start'", "is ready", ports);
    const first = await start();
    await doMainJob(`http://127.0.0.1:${port}`, "python01");
    await first.stop();

    mkdirSync(join(accounts, "brand"));
    writeFileSync(join(accounts, "brand/logo.svg"), logo);
    writeFileSync(join(accounts, "brand/brand.json"), brand);
    writeFileSync(join(accounts, ".env"), env.join("\n"));
    const second = await start();
    for (const [locale, words, name] of [
      ["en-GB", /^Log in$/, "Yunqi Books"],
      ["zh-CN", /^登录$/, "云起书店"],
    ] as const)
      await visit(`http://127.0.0.1:${sitePort}/login`, { locale, words, name });
    await second.stop();
  });

  async function visit(
    url: string,
    { locale, words, name }: { locale: string; words: RegExp; name: string },
  ) {
    const context = await browser.newContext({ locale, viewport: { width: 1000, height: 720 } });
    context.setDefaultTimeout(60_000);
    await context.route(`${home}**`, (route) => route.fulfill({ body: "the shop" }));
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole("button", { name: words }).waitFor();
    expect(await page.title()).toContain(name);
    expect(await page.content()).not.toMatch(/美多|Meiduo/);
    const picture = page.locator(`a[href="${home}"] img`).first();
    const width = await picture.evaluate(async (one) => {
      const shown = one as unknown as { naturalWidth: number; decode(): Promise<void> };
      // It may still be loading.
      await shown.decode();
      return shown.naturalWidth;
    });
    expect(width).toBeGreaterThan(0);
    await page.screenshot({ path: join(pictures, `your-site-${locale}.png`) });
    await page.locator('input[autocomplete="username"]').fill("python01");
    await page.locator('input[type="password"]').fill("12345678aA");
    await page.getByRole("button", { name: words }).click();
    await page.waitForURL(home);
    await context.close();
  }
});

/** The lines and files that a guide gives, without what it says about them. */
function guide(page: string): { install: string[]; env: string[]; brand: string } {
  const text = readFileSync(join(root, page), "utf8");
  const [install, env] = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) =>
    lines!
      .trim()
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "")),
  );
  return { install: install!, env: env!, brand: /^```json\n(.*?)^```$/ms.exec(text)![1]! };
}
