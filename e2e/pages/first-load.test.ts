import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { prepareJourney } from "../support/journey.ts";

const journey = prepareJourney();

it("loads the log-in page with at most 90 KB of JavaScript and 25 KB of CSS, gzip", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  const sizes = { script: 0, stylesheet: 0 };
  const waits: Promise<void>[] = [];
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (kind !== "script" && kind !== "stylesheet") return;
    waits.push(
      response.body().then((body) => {
        sizes[kind] += gzipSync(body, { level: 9 }).length;
      }),
    );
  });
  await page.goto("/login", { waitUntil: "networkidle" });
  await page.getByRole("heading", { name: "欢迎回来" }).waitFor();
  await Promise.all(waits);
  process.stdout.write(
    `first load of /login, gzip: ${sizes.script} B JavaScript, ${sizes.stylesheet} B CSS\n`,
  );
  expect(sizes.script).toBeGreaterThan(10_000);
  expect(sizes.script).toBeLessThanOrEqual(90 * 1024);
  expect(sizes.stylesheet).toBeGreaterThan(1_000);
  expect(sizes.stylesheet).toBeLessThanOrEqual(25 * 1024);
  await visitor.leave();
});
