import { describe, expect, test } from "vitest";
import { openDjangoSource } from "./open-source.ts";
import { readAddress, readMysqlTls } from "./source-address.ts";

/** What people write when they are asked for a database's address, and what must not come back in a message. */
const ca = new URL("../../../test/fixtures/localhost-cert.pem", import.meta.url).pathname;

describe("an address", () => {
  test.each([
    "mysql://root:s3cret#w@127.0.0.1/meiduo",
    // These parse: into a host `root` with a port, a path or a query that hold the password.
    "mysql://root:12345#w@127.0.0.1/meiduo",
    "mysql://root:12345/s3cret@127.0.0.1/meiduo",
    "mysql://root:12345?s3cret@127.0.0.1/meiduo",
    "postgres://root:12345#s3cret@127.0.0.1/meiduo",
    "mysql://root:s3cret%zz@127.0.0.1/meiduo",
    "mysql:///meiduo",
    "mysql://",
  ])("%s is refused with the way to write it, and is not repeated", async (address) => {
    const failure = await openDjangoSource(address).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "SourceError", zh: expect.stringContaining("百分号") });
    expect(`${(failure as Error).message}`).toContain("percent-encoded");
    expect(JSON.stringify(failure)).not.toMatch(/s3cret|12345/);
  });

  test("without a database's name says so", () => {
    expect(() => readAddress("mysql://root:s3cret@db.example.com:3306/")).toThrow(
      /^After db\.example\.com:3306 the name of the database is missing/,
    );
  });

  test("may hold anything percent-encoded", () => {
    expect(readAddress("mysql://me:%23%2F%3F%40%25@[::1]:3307/%E7%BE%8E").host).toBe("[::1]:3307");
  });
});

describe("TLS to MySQL", () => {
  const tlsOf = (query: string) => readMysqlTls(new URL(`mysql://root@db.example.com/meiduo${query}`));

  test.each([
    ["", undefined],
    ["?ssl-mode=disabled", undefined],
    ["?ssl-mode=REQUIRED", { rejectUnauthorized: false, verifyIdentity: false }],
    [`?ssl-mode=VERIFY_CA&ssl-ca=${ca}`, { rejectUnauthorized: true, verifyIdentity: false }],
    ["?ssl-mode=VERIFY_IDENTITY", { rejectUnauthorized: true, verifyIdentity: true }],
    [`?ssl-ca=${ca}`, { rejectUnauthorized: true, verifyIdentity: true }],
  ])("%s", (query, expected) => {
    const tls = tlsOf(query);
    if (expected === undefined) expect(tls).toBeUndefined();
    else expect(tls).toMatchObject(expected);
    if (query.includes("ssl-ca")) expect(tls?.ca).toContain("BEGIN CERTIFICATE");
  });

  test.each(["?ssl=true", "?ssl-mode=MAYBE", "?ssl-mode=REQUIRED&sslmode=require", "?ssl-ca=/no/such.pem"])(
    "%s is refused: it would look encrypted and not be",
    (query) => expect(() => tlsOf(query)).toThrow(/knows \?ssl-mode|can't be read/),
  );
});
