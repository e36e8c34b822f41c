import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startsInOwnFolder } from "../support/product-folder.ts";
import { type Ended, runCommand } from "../support/run-command.ts";

const own = startsInOwnFolder();
const { settings, started, refused } = own;

describe("a start", () => {
  it("of production needs a key, a mail server and the list of origins", async () => {
    const { code, stderr } = await refused({ ENVIRONMENT: "production" });
    expect(code).toBe(1);
    for (const name of ["SECRET_KEY", "SMTP_URL", "CORS_ORIGIN_WHITELIST"])
      expect(stderr).toMatch(new RegExp(`^  ${name} is required in production`, "m"));
    expect(readdirSync(own.folder)).toEqual([]);
  });

  const production = {
    ENVIRONMENT: "production",
    SECRET_KEY: "pR0d-9f86d081884c7d659a2feaa0c55ad015",
    SMTP_URL: "smtp://127.0.0.1:1",
    CORS_ORIGIN_WHITELIST: "https://www.meiduo.com",
    PUBLIC_SITE_URL: "https://www.meiduo.com",
    PUBLIC_API_URL: "https://api.meiduo.com",
  };
  // Everything the product refuses by itself, and the switch that allows it.
  const unsafe = {
    SECRET_KEY: `django-insecure-${"ab".repeat(20)}`,
    CORS_ORIGIN_WHITELIST: "https://m.meiduo.com",
    PUBLIC_API_URL: "http://api.meiduo.com",
  };

  it("of production is refused with what doctor marks ✗, by start and by check-config in the same words", async () => {
    const given = { ...production, ...unsafe, DATA_DIR: join(own.folder, "none") };
    const [start, worker, check] = await Promise.all([
      refused(given),
      runCommand(["work"], { ...settings(), ...given }),
      runCommand(["check-config"], { ...settings(), ...given }),
    ]);
    expect(readdirSync(own.folder)).toEqual([]);
    const sentences = ({ stderr }: Ended) => stderr.trim().split("\n").slice(1);
    for (const ended of [start, worker, check]) {
      expect([ended.code, ended.stdout]).toEqual([1, ""]);
      expect(ended.stderr).not.toMatch(/abab|\n\s+at /);
      expect(sentences(ended)).toEqual(sentences(start));
    }
    for (const [name, allowance] of [
      ["SECRET_KEY", "ALLOW_WEAK_SECRET_KEY"],
      ["CORS_ORIGIN_WHITELIST", "ALLOW_UNLISTED_SITE"],
      ["PUBLIC_API_URL", "ALLOW_HTTP"],
    ])
      expect(start.stderr).toMatch(new RegExp(`^  ${name} .*, or set ${allowance}=true\\.`, "m"));
    expect(sentences(start)).toHaveLength(3);
    expect(readdirSync(own.folder)).toEqual([]);
    // The doctor itself, and whatever mends a site, still run.
    const doctor = await runCommand(["doctor", "--json"], { ...settings(), ...production, ...unsafe });
    const failed = (JSON.parse(doctor.stdout) as { check: string; level: string }[])
      .filter(({ level }) => level === "fail")
      .map(({ check: name }) => name);
    expect(failed).toEqual(expect.arrayContaining(["secret", "cors", "scheme"]));
  });

  it("of production starts with what is allowed by name, while mail and proxies are away", async () => {
    const product = await started({
      ...{ ...production, ...unsafe, DOCS_PAGE: "true", WEB_CONCURRENCY: "2" },
      ...{ ALLOW_WEAK_SECRET_KEY: "true", ALLOW_UNLISTED_SITE: "true", ALLOW_HTTP: "true" },
    });
    try {
      expect((await fetch(`${product.url}/docs`)).status).toBe(200);
    } finally {
      expect(await product.stop()).toBe(0);
    }
  });

  it("of production has no mailbox, no sandbox and no /docs", async () => {
    const product = await started(production);
    try {
      expect(product.output()).toMatch(/API .*https:\/\/api\.meiduo\.com$/m);
      for (const path of [
        "/sandbox/mailbox/",
        "/sandbox/mailbox/messages/",
        "/sandbox/",
        "/docs",
        "/docs/json",
      ])
        expect((await fetch(`${product.url}${path}`)).status, path).toBe(404);
      expect(product.output()).not.toMatch(/mailbox|sandbox/i);
      const local = await fetch(`${product.url}/test/`, { headers: { origin: "http://127.0.0.1:8080" } });
      expect(local.headers.has("access-control-allow-origin")).toBe(false);
      expect(readdirSync(own.folder)).not.toContain("secret-key");
    } finally {
      expect(await product.stop()).toBe(0);
    }
  });
});
