import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { makeCertificates } from "../support/certificates.ts";
import { type EngineServer, startPostgres } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { productSecretKey } from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { hasProductionEngines } from "../support/test-engines.ts";

/** A PostgreSQL that takes TLS only, with a certificate of an authority made here, for the name localhost. */
if (hasProductionEngines) {
  const certificates = makeCertificates("DNS:localhost");
  let server: EngineServer;
  const urlOf = (host: string, options: string) => {
    const { port } = new URL(server.url);
    return `postgres://meiduo@${host}:${port}/postgres?${options}`;
  };

  beforeAll(async () => {
    server = await startPostgres(certificates);
  });
  afterAll(async () => {
    await server?.destroy();
    certificates.remove();
  });

  async function connected(host: string, options: string): Promise<string> {
    const db = openPostgres({ url: urlOf(host, options), poolSize: 1 });
    try {
      await db.ping();
      const row = await db.kysely
        .selectFrom("pg_stat_ssl" as never)
        .select(["ssl" as never, "version" as never])
        .where(
          "pid" as never,
          "=",
          (query: { fn: (name: string) => unknown }) => query.fn("pg_backend_pid") as never,
        )
        .executeTakeFirst();
      return (row as { ssl: boolean } | undefined)?.ssl ? "encrypted" : "in the clear";
    } catch (error) {
      const { cause } = error as { cause?: { code?: string; message?: string } };
      return cause?.code ?? cause?.message ?? String((error as { code?: string }).code ?? error);
    } finally {
      await db.close();
    }
  }

  test.each([
    [
      "verify-full with the authority and the right name",
      "localhost",
      "sslmode=verify-full&sslrootcert=ca.crt",
      "encrypted",
    ],
    [
      "verify-full with the wrong name",
      "127.0.0.1",
      "sslmode=verify-full&sslrootcert=ca.crt",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    [
      "verify-full with another authority",
      "localhost",
      "sslmode=verify-full&sslrootcert=other-ca.crt",
      /SELF_SIGNED|UNABLE_TO/,
    ],
    ["verify-full without an authority", "localhost", "sslmode=verify-full", /SELF_SIGNED|UNABLE_TO/],
    ["require", "localhost", "sslmode=require", /SELF_SIGNED|UNABLE_TO/],
    ["require, as libpq means it", "localhost", "sslmode=require&uselibpqcompat=true", "encrypted"],
    ["no-verify", "localhost", "sslmode=no-verify", "encrypted"],
    ["no TLS at all", "localhost", "sslmode=disable", "28000"],
  ])("PostgreSQL over TLS, %s", async (_, host, options, expected) => {
    const result = await connected(
      host,
      options
        .replace("=ca.crt", `=${certificates.authority}`)
        .replace("=other-ca.crt", `=${certificates.otherAuthority}`),
    );
    if (typeof expected === "string") expect(result).toBe(expected);
    else expect(result).toMatch(expected);
  });

  test("migrations and their lock work over TLS, and a refusal says in one sentence what is wrong", async () => {
    const secure = urlOf("localhost", `sslmode=verify-full&sslrootcert=${certificates.authority}`);
    expect(
      await runCommand(["migrate"], { DATABASE_URL: secure, SECRET_KEY: productSecretKey }),
    ).toMatchObject({
      ...{ code: 0, stderr: expect.stringMatching(/^Database 数据库 {2}PostgreSQL [^\n]*\n$/) },
    });
    const untrusted = urlOf("localhost", "sslmode=verify-full").replace("meiduo@", "meiduo:hunter2@");
    const wrongName = urlOf("127.0.0.1", `sslmode=verify-full&sslrootcert=${certificates.authority}`);
    for (const [url, said] of [
      [untrusted, /sslrootcert.*证书/],
      [wrongName, /another host name.*证书/],
    ] as const) {
      const refused = await runCommand(["migrate"], { DATABASE_URL: url, SECRET_KEY: productSecretKey });
      expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(said) });
      const lines = refused.stderr.trim().split("\n");
      expect(lines.filter((line) => !line.startsWith("Database 数据库  PostgreSQL "))).toHaveLength(1);
      expect(refused.stderr).not.toContain("hunter2");
    }
  });
} else notTested("PostgreSQL and Redis");
