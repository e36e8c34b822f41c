import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Brand, defaultBrand } from "../brand/brand.ts";
import type { Picture } from "../brand/picture.ts";
import { ourWords } from "../words/words.ts";
import { brandedPage, pageParts } from "./branded-page.ts";
import { siteBrand } from "./page-brand.ts";
import { createSite } from "./site.ts";
import { createSiteTexts } from "./site-texts.ts";

const dist = mkdtempSync(join(tmpdir(), "meiduo-site-"));
const sites = new Map<string, FastifyInstance>();
const mark = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const page = readFileSync(new URL("../../../web/index.html", import.meta.url), "utf8").replace(
  '<script type="module" src="/src/main.ts"></script>',
  '<script type="module" crossorigin src="/assets/site-abc.js"></script><link rel="modulepreload" href="/assets/vendor-abc.js">',
);

const picture: Picture = {
  ...{ type: "image/svg+xml", content: Buffer.from("logo"), width: 4, height: 1 },
};
/** Colours and a logo are files of their own. */
const brand: Brand = {
  ...defaultBrand,
  color: { light: "#0f62fe", dark: "#78a9ff" },
  logo: { light: picture, dark: { ...picture, content: Buffer.from("dark") } },
};

beforeAll(async () => {
  mkdirSync(join(dist, "assets"));
  writeFileSync(join(dist, "index.html"), page);
  for (const file of ["assets/site-abc.js", "assets/vendor-abc.js", "early.js"])
    writeFileSync(join(dist, file), file);
  for (const path of ["", "/account", "/shop/members", "/texts"]) {
    const site = await createSite({
      distDir: dist,
      publicApiUrl: "https://shop.example/account-api",
      publicSiteUrl: `https://shop.example${path}`,
      ...(path && { brand }),
      providers: [
        {
          ...{ name: "a", aliases: [], title: { zh: "甲", en: "A" }, mark, isOffered: true },
          ...{ pictureHosts: [], callbackPages: ["/a_callback.html"] },
        },
      ],
    });
    sites.set(path, site);
  }
});
afterAll(async () => {
  for (const site of sites.values()) await site.close();
  rmSync(dist, { recursive: true });
});

const ask = (base: string, url: string) =>
  sites.get(base)!.inject({ url, headers: { host: "shop.example" } });

/** Every address that a page names, and the texts and pictures that its scripts load. */
function addressesIn(html: string): string[] {
  const named = [...html.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
  return [...named, ...[...html.matchAll(/"(?:texts|address)":"([^"]+)"/g)].map(([, address]) => address!)];
}

for (const base of ["/account", "/shop/members", "/texts"]) {
  // A proxy passes the path on, or takes it off.
  const ways = [(path: string) => base + path, (path: string) => path];

  it(`below ${base} the page names nothing outside it, and everything that it names is answered both ways`, async () => {
    for (const asked of ways) {
      const answer = await ask(base, asked("/login"));
      expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
      const addresses = addressesIn(answer.body);
      expect(addresses.length).toBeGreaterThan(12);
      for (const address of addresses) {
        expect(address).toMatch(new RegExp(`^${base}/`));
        expect([address, (await ask(base, asked(address.slice(base.length)))).statusCode]).toEqual([
          address,
          200,
        ]);
      }
      const settings = JSON.parse(/id="page-settings">([^<]*)</.exec(answer.body)![1]!);
      expect(settings.base).toBe(base);
    }
  });

  it(`below ${base} its settings, manifest, marks and redirects stay there, both ways`, async () => {
    for (const asked of ways) {
      const config = (await ask(base, asked("/config.json"))).json();
      expect(config.apiUrl).toBe("https://shop.example/account-api");
      const [provider] = config.providers;
      expect(provider.mark).toBe(`${base}/provider-marks/a.svg`);
      expect((await ask(base, asked("/provider-marks/a.svg"))).body).toBe(mark);
      const manifest = (await ask(base, asked("/manifest.webmanifest"))).json();
      expect(manifest.start_url).toBe(`${base}/`);
      expect(manifest.icons[0].src).toMatch(new RegExp(`^${base}/brand/`));
      for (const [from, to] of [
        ["/.well-known/change-password", "/account/password"],
        ["/a_callback.html?code=C&state=S", "/oauth/callback/a?code=C&state=S"],
        ["/user_center_info.html", "/account"],
        ["/favicon.ico", manifest.icons[0].src.slice(base.length)],
      ] as const) {
        const answer = await ask(base, asked(from));
        expect([answer.statusCode, answer.headers.location]).toEqual([302, base + to]);
      }
    }
  });

  it(`below ${base} an unknown page is 404 with the site, an unknown file a plain 404, both ways`, async () => {
    for (const asked of ways) {
      for (const path of ["/", "/account", "/account/password", "/oauth/callback/a?code=1"])
        expect([path, (await ask(base, asked(path))).statusCode]).toEqual([path, 200]);
      const lost = await ask(base, asked("/nowhere/at-all"));
      expect([lost.statusCode, lost.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      const file = await ask(base, asked("/assets/gone-1.js"));
      expect([file.statusCode, file.body]).toEqual([404, "404\n"]);
    }
  });
}

it("the path without a slash leads to the one with it; where it is a page of ours, too, that is shown", async () => {
  const answer = await ask("/shop/members", "/shop/members?a=b");
  expect([answer.statusCode, answer.headers.location]).toEqual([302, "/shop/members/?a=b"]);
  expect((await ask("/account", "/account")).statusCode).toBe(200);
});

it("only the path itself is taken off, once", async () => {
  for (const url of ["/accounts/login", "/%61ccount/login", "/account/account/login", "/account//login"])
    expect([url, (await ask("/account", url)).statusCode]).toEqual([url, 404]);
});

it("without a path the page is what was built, and its settings say nothing of one", async () => {
  const { body } = await ask("", "/login");
  expect(addressesIn(body)).toEqual(
    expect.arrayContaining(["/assets/site-abc.js", "/early.js", "/config.json"]),
  );
  expect(body).not.toContain('"base"');
  const parts = pageParts({ brand: defaultBrand, site: siteBrand(defaultBrand) });
  expect(body).toBe(createSiteTexts(ourWords).writeInto(brandedPage(page, parts)));
});
