import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultBrand } from "../brand/brand.ts";
import { createWords } from "../words/words.ts";
import { picturePolicy } from "./brand-routes.ts";
import { siteBrand } from "./page-brand.ts";
import { createSite } from "./site.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-site-"));
const dist = join(folder, "dist");
const mark = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const title = { zh: "甲", en: "A" };
const ours = { title, mark, pictureHosts: [], callbackPages: ["/a_callback.html"] };
const providers = [
  { ...ours, name: "a-one", aliases: ["a-alias"], isOffered: true },
  { ...ours, name: "b", aliases: [], isOffered: false, callbackPages: [] },
];
let site: FastifyInstance;

beforeAll(async () => {
  mkdirSync(join(dist, "assets"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "outside");
  writeFileSync(join(dist, "index.html"), "<!doctype html><title>site</title>");
  writeFileSync(join(dist, "console.html"), "<!doctype html><title>site</title><p>console</p>");
  writeFileSync(join(dist, ".sources"), "stamp");
  writeFileSync(join(dist, "assets", "main-abc123.js"), "plain");
  writeFileSync(join(dist, "assets", "main-abc123.js.br"), "brotli");
  site = await createSite({
    distDir: dist,
    publicApiUrl: "https://api.example.com/",
    publicSiteUrl: "https://www.example.com",
    providers,
  });
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

describe("the site's server", () => {
  it.each([
    "/",
    "/login",
    "/register?next=/a",
    "/account",
    "/account/password",
    "/oauth/callback/qq?code=1&state=2",
  ])("answers the page %s", async (url) => {
    const answer = await site.inject({ url });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("<title>美多账号</title>");
    expect(answer.headers["cache-control"]).toBe("no-cache");
  });

  it("sends password managers to the page that changes a password, and knows no other well-known address", async () => {
    const answer = await site.inject({ url: "/.well-known/change-password" });
    expect([answer.statusCode, answer.headers.location]).toEqual([302, "/account/password"]);
    // What browsers ask for to see whether a 404 is one here.
    const url = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    expect((await site.inject({ url })).statusCode).toBe(404);
  });

  it("answers an unknown page with the site and 404, an unknown file or method with a plain 404", async () => {
    const page = await site.inject({ url: "/nowhere/at-all" });
    expect([page.statusCode, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    for (const request of [
      { url: "/assets/gone-1.js" },
      { url: "/photo.png" },
      { url: "/login", method: "POST" as const },
    ]) {
      const answer = await site.inject(request);
      expect([request.url, answer.statusCode, answer.body]).toEqual([request.url, 404, "404\n"]);
    }
  });

  it.each([
    ["/login.html", "/login"],
    ["/register.html?next=%2Fcart&x=%E7%BE%8E", "/register?next=%2Fcart&x=%E7%BE%8E"],
    ["/a_callback.html?code=C&state=S", "/oauth/callback/a-one?code=C&state=S"],
    ["/user_center_info.html", "/account"],
    ["/index.html", "/"],
  ])("leads the old address %s to %s", async (from, to) => {
    const answer = await site.inject({ url: from });
    expect([answer.statusCode, answer.headers.location]).toEqual([302, to]);
  });

  it("tells the page where the API is", async () => {
    const answer = await site.inject({ url: "/config.json" });
    expect(answer.json()).toEqual({
      apiUrl: "https://api.example.com",
      session: "token",
      returnOrigins: [],
      brand: siteBrand(defaultBrand).page,
      providers: [{ name: "a-one", aliases: ["a-alias"], title, mark: "/provider-marks/a-one.svg" }],
      otherProviders: [{ name: "b", aliases: [], title, mark: "/provider-marks/b.svg" }],
      signUp: {
        mode: "open",
        username: "required",
        by: ["email"],
        codeLogIn: [],
        countries: [{ country: "CN", callingCode: "86" }],
        fields: [],
        terms: {},
        choices: {},
        age: "off",
      },
      sms: false,
      passkeys: { rpId: null },
      captcha: null,
    });
    expect(answer.headers["cache-control"]).toBe("no-cache");
  });

  it("serves the providers' marks as pictures that run nothing", async () => {
    for (const name of ["a-one", "b"]) {
      const answer = await site.inject({ url: `/provider-marks/${name}.svg` });
      expect([answer.statusCode, answer.body]).toEqual([200, mark]);
      expect(answer.headers["content-type"]).toBe("image/svg+xml; charset=utf-8");
      expect(answer.headers["content-security-policy"]).toBe(picturePolicy);
    }
    expect((await site.inject({ url: "/provider-marks/c.svg" })).statusCode).toBe(404);
  });

  it("under another's name answers nothing but 421, in the shape of the API's errors", async () => {
    for (const url of ["/", "/config.json", "/healthz", "/assets/main-abc123.js", "/nowhere"]) {
      const answer = await site.inject({ url, headers: { host: "evil.example" } });
      expect([url, answer.statusCode]).toEqual([url, 421]);
      expect(answer.json()).toEqual({ detail: expect.any(String), message: expect.any(String) });
      expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    }
    for (const host of ["www.example.com", "api.example.com", "127.0.0.1:8080"])
      expect((await site.inject({ url: "/config.json", headers: { host } })).statusCode).toBe(200);
  });

  it("leads a page to the API by the host it was reached by, where no address is set for the API", async () => {
    const following = await createSite({
      distDir: dist,
      publicApiUrl: "http://127.0.0.1:9000",
      publicSiteUrl: "http://127.0.0.1:9080",
      followedApiPort: 9000,
      allowedHosts: ["192.168.1.5", "www.meiduo.com"],
    });
    try {
      for (const [host, api, isolated] of [
        ["192.168.1.5:9080", "http://192.168.1.5:9000", false],
        ["www.meiduo.com:9080", "http://www.meiduo.com:9000", false],
        ["localhost:9080", "http://localhost:9000", true],
        ["[::1]:9080", "http://[::1]:9000", true],
      ] as const) {
        const { headers, ...config } = await following.inject({ url: "/config.json", headers: { host } });
        expect(config.json().apiUrl).toBe(api);
        const source = api.includes("[") ? "http://*:9000" : api;
        expect(headers["content-security-policy"]).toContain(`connect-src 'self' ${source};`);
        expect("cross-origin-opener-policy" in headers).toBe(isolated);
      }
      const foreign = await following.inject({ url: "/", headers: { host: "evil.example" } });
      expect(foreign.statusCode).toBe(421);
      expect(JSON.stringify(foreign.headers)).not.toContain("evil");
    } finally {
      await following.close();
    }
  });

  it("refuses in the language that is set where the reader names none", async () => {
    for (const [defaultLanguage, words] of [
      ["en", /^[^\u4e00-\u9fff]+$/],
      ["zh", /[\u4e00-\u9fff]/],
    ] as const) {
      const addresses = { publicApiUrl: "http://api.example.com", publicSiteUrl: "http://www.example.com" };
      const other = await createSite({
        distDir: dist,
        ...addresses,
        words: createWords({ defaultLanguage }),
      });
      const foreign = await other.inject({ url: "/", headers: { host: "evil.example" } });
      const badPath = await other.inject({ url: "/%zz", headers: { host: "www.example.com" } });
      for (const { statusCode, body } of [foreign, badPath]) {
        expect([statusCode, body]).toEqual([expect.any(Number), expect.stringMatching(words)]);
        expect(statusCode).toBeGreaterThan(399);
      }
      await other.close();
    }
  });

  it("lets a page talk to an API at an IPv6 address, for which policies have no word", async () => {
    const other = await createSite({
      distDir: dist,
      publicApiUrl: "http://[::1]:8000",
      publicSiteUrl: "http://[::1]:8080",
    });
    const { headers } = await other.inject({ url: "/" });
    expect(headers["content-security-policy"]).toContain("connect-src 'self' http://*:8000;");
    await other.close();
  });

  it("lets a page run only its own files and talk only to the API, on every answer", async () => {
    for (const url of ["/", "/config.json", "/assets/main-abc123.js", "/gone.js", "/login.html"]) {
      const { headers } = await site.inject({ url });
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("connect-src 'self' https://api.example.com;");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    }
  });

  it("keeps hashed files for a year and sends them compressed to who can read it", async () => {
    const url = "/assets/main-abc123.js";
    const compressed = await site.inject({ url, headers: { "accept-encoding": "gzip, br" } });
    expect(compressed.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect([compressed.headers["content-encoding"], compressed.body]).toEqual(["br", "brotli"]);
    const plain = await site.inject({ url });
    expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, "plain"]);
  });

  it.each([
    "/../secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/.sources",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/assets/",
    "/assets",
  ])("does not serve %s", async (url) => {
    const answer = await site.inject({ url });
    expect(answer.body).not.toMatch(/outside|stamp|abc123/);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  });

  it("does not wait for ever for a request that drips in", () => {
    expect(site.server.requestTimeout).toBe(30_000);
  });

  it("refuses to start without a build", async () => {
    const missing = join(folder, "missing");
    await expect(
      createSite({ distDir: missing, publicApiUrl: "http://a", publicSiteUrl: "http://b" }),
    ).rejects.toThrow("index.html");
  });
});

it("tells visitors behind a trusted proxy apart, so that one who fetches many pictures stops no other", async () => {
  const waiting: (() => void)[] = [];
  const behindProxy = await createSite({
    distDir: dist,
    publicApiUrl: "https://api.example.com/",
    publicSiteUrl: "https://www.example.com",
    trustProxy: 1,
    providers: [{ ...providers[0]!, pictureHosts: [/^pictures\.example\.com$/] }],
    fetchPicture: async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return new Response("x", { headers: { "content-type": "image/png" } });
    },
  });
  try {
    const ask = (client: string) =>
      behindProxy.inject({
        url: "/avatar",
        query: { address: "https://pictures.example.com/g" },
        headers: { host: "www.example.com", "x-forwarded-for": client },
      });
    const flood = Array.from({ length: 5 }, () => ask("203.0.113.1:4711"));
    await expect.poll(() => waiting.length).toBe(5);
    expect((await ask("203.0.113.1:4712")).statusCode).toBe(503);
    const other = ask("203.0.113.2");
    await expect.poll(() => waiting.length).toBe(6);
    for (const go of waiting) go();
    expect((await other).statusCode).toBe(200);
    await Promise.all(flood);
  } finally {
    await behindProxy.close();
  }
});

it("the console is one page for all of its paths, under the same policy, and no file of its own", async () => {
  for (const url of ["/console", "/console/", "/console/users/7", "/console/nowhere"]) {
    const answer = await site.inject({ url });
    expect([answer.statusCode, answer.payload.includes("<p>console</p>")], url).toEqual([200, true]);
    expect(answer.headers["content-security-policy"]).toContain("script-src 'self';");
    expect(answer.headers["cache-control"]).toBe("no-cache");
  }
  for (const url of ["/console.html", "/consoles"]) {
    const answer = await site.inject({ url });
    expect([answer.statusCode, answer.payload.includes("<p>console</p>")], url).toEqual([404, false]);
  }
});
