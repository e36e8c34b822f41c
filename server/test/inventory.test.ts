import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** docs/threats-ground.md says where cryptography is done, whom the product speaks to, and what it keeps: all of it. */
const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const ground = read("docs/threats-ground.md");

/** The table under a chapter's heading whose header begins with this cell. */
function table(firstCell: string): string {
  return new RegExp(`^\\| ${firstCell} \\|.*\\n(?:\\|.*\\n)+`, "m").exec(ground)?.[0] ?? "";
}

const product = readdirSync(join(root, "server/src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  // Providers' imitations are the sandbox's: production never loads them (tidy.test.ts).
  .filter((file) => !/^identities\/providers\/[^/]+\/sandbox\.ts$/.test(file.replaceAll("\\", "/")))
  .map((file) => ({ name: basename(file), text: read(join("server/src", file)) }));

/** Files that load one of these modules, or match; types and words in comments load nothing. */
function filesWith(modules: string, code = /(?!)/): string[] {
  const loads = new RegExp(
    `^(?:import (?!type\\b)|\\} from ).*"(?:${modules})";|\\bimport\\("(?:${modules})"\\)`,
  );
  const found = product.filter(({ text }) =>
    text.split("\n").some((line) => !/^\s*(\/\/|\/?\*)/.test(line) && (loads.test(line) || code.test(line))),
  );
  return found.map(({ name }) => name);
}

const namesIn = (text: string) => [
  ...new Set([...text.matchAll(/`([\w-]+\.ts)`/g)].map((match) => match[1] as string)),
];

describe("docs/threats-ground.md", () => {
  it("names every file with cryptography, and no other", () => {
    const named = namesIn(table("use"));
    const modules = "(?:node:)?crypto|@node-rs/\\w+|fast-jwt|jose|openid-client|@simplewebauthn/server";
    const found = filesWith(modules, /\bcrypto\.subtle\b/);
    expect(found.length).toBeGreaterThan(15);
    expect(named.toSorted()).toEqual(found.toSorted());
  });

  it("is right about the one cipher, and that only imported hashes and lists of breached passwords have broken sums", () => {
    const ciphers = product.flatMap(({ name, text }) =>
      [...text.matchAll(/\bcreate(?:C|Dec)ipher\w*\(("[\w-]+")?|\b(?:public|private)Encrypt\b/g)].map(
        ([found]) => `${name} ${found}`,
      ),
    );
    expect(ciphers).toEqual([
      'sealed.ts createCipheriv("aes-256-gcm"',
      'sealed.ts createDecipheriv("aes-256-gcm"',
    ]);
    const sums = product.flatMap(({ name, text }) =>
      [...text.matchAll(/\b(?:createHash|createHmac|hash|hkdfSync)\(\s*("\w+"|digest\b|algorithm\b)/g)].map(
        ([, sum]) => `${name} ${sum}`,
      ),
    );
    expect(sums.length).toBeGreaterThan(10);
    expect(sums.filter((sum) => !sum.endsWith('"sha256"'))).toEqual([
      "legacy.ts digest",
      // A format of others: what Twilio signs its reports by. As an HMAC it is not broken.
      'twilio-signature.ts "sha1"',
      // Likewise: it finds a password in a list, and keeps none.
      'breached-file.ts "sha1"',
    ]);
  });

  it("names every file that speaks to somebody, and no other", () => {
    const named = namesIn(table("to")).filter((name) => name !== "avatar-proxy.ts");
    const modules =
      "pg|mysql2/promise|mysql2|ioredis|nodemailer|undici|node:https|node:dgram|node:tls|node:child_process";
    const found = filesWith(`${modules}|@opentelemetry/exporter-trace-otlp-http`, /(?<![.\w])fetch\(/);
    expect(found.length).toBeGreaterThan(8);
    expect(named.toSorted()).toEqual(found.toSorted());
  });

  it("gives every table of the database its class", () => {
    const tables = [...read("docs/schema.sql").matchAll(/CREATE TABLE (\w+)/g)].map((match) => match[1]);
    expect(tables.length).toBeGreaterThan(10);
    const classes = table("class");
    expect(tables.filter((name) => !classes.includes(`\`${name}\``))).toEqual([]);
  });
});
