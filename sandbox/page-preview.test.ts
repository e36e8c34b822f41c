import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createSite } from "../server/src/site/site.ts";
import { pagePreviewRoutes } from "./page-preview.ts";

const dist = mkdtempSync(join(tmpdir(), "meiduo-preview-"));
writeFileSync(join(dist, "index.html"), readFileSync(new URL("../web/index.html", import.meta.url)));
afterAll(() => rmSync(dist, { recursive: true }));

test.each(["", "/account"])(
  "below %j a state has its own answers and tokens, whatever the site keeps a session in",
  async (base) => {
    const siteUrl = `http://127.0.0.1:8080${base}`;
    const site = await createSite({
      ...{ distDir: dist, publicSiteUrl: siteUrl, publicApiUrl: "http://127.0.0.1:8000" },
      session: "cookie",
    });
    pagePreviewRoutes(site, { siteUrl, apiOrigin: "http://127.0.0.1:8000", isOpen: true });
    const ask = (url: string) => site.inject({ url: base + url, headers: { host: "127.0.0.1:8080" } });
    const page = await ask("/sandbox/brand/page/log-in");
    expect(page.body).toContain(`<script src="${base}/sandbox/brand/page-state.js">`);
    const block = JSON.parse(/id="page-state">([^<]*)</.exec(page.body)![1]!);
    expect(block.path).toBe(`${base}/login`);
    expect(block.config.from).toBe(`${base}/config.json`);
    const config = (await ask(block.config.to.slice(base.length))).json();
    expect(config.session).toBe("token");
    expect(config.apiUrl).toBe(`http://127.0.0.1:8080${base}/sandbox/brand/api/log-in`);
    expect((await ask("/sandbox/brand/page-state.js")).statusCode).toBe(200);
    await site.close();
  },
);
