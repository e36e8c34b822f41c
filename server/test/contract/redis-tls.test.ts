import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRedis } from "../../src/engines/kv/redis-connection.ts";
import { createRedisKv } from "../../src/engines/kv/redis-kv.ts";
import { makeCertificates } from "../support/certificates.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { productSecretKey, startProduct, waitUntil } from "../support/product-process.ts";
import { type RedisNode, redisNodes } from "../support/redis-nodes.ts";
import { runCommand } from "../support/run-command.ts";
import { startSmtpSink } from "../support/smtp-sink.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";
import { codeInMail, visitors } from "../support/visitors.ts";

/** Redis that takes TLS only, with certificates of an authority made here, for localhost and 127.0.0.1. */
if (hasProductionEngines) {
  const nodes = redisNodes();
  const certificates = makeCertificates("DNS:localhost", "IP:127.0.0.1");
  const elsewhere = makeCertificates("DNS:cache.example.com");
  /** TLS alone, for clients, replicas, Sentinels and the Cluster's bus. */
  const secured = ({ certificate, key, authority }: typeof certificates) => [
    ...["--port", "0", "--tls-port", "PORT", "--tls-replication", "yes", "--tls-auth-clients", "no"],
    ...["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority],
  ];
  let single: RedisNode;
  afterAll(async () => {
    await nodes.destroy();
    certificates.remove();
    elsewhere.remove();
  });
  beforeAll(async () => {
    single = await nodes.start(...secured(certificates));
  });

  /** "served", or the reason the log gives. */
  async function outcome(url: string): Promise<string> {
    const log = capturedLog();
    const client = connectRedis(url, "prompt", log);
    const kv = createRedisKv(client);
    try {
      await waitUntil(
        () => client.status === "ready" || log.lines.length > 0,
        20,
        "a connection or its refusal",
      );
      await kv.set("over-tls", "value", 60);
      return (await kv.get("over-tls")) === "value" ? "served" : "lost";
    } catch {
      const err = log.lines[0]?.fields.err as { code?: string; message: string } | undefined;
      return String(err?.code ?? err?.message);
    } finally {
      await kv.close();
    }
  }

  describe("Redis over TLS", () => {
    const trusting = `?tls_ca=${certificates.authority}`;
    test.each([
      ["its authority named", "rediss", "127.0.0.1", trusting, "served"],
      ["its authority named, by host name", "rediss", "localhost", trusting, "served"],
      [
        ...["another authority named", "rediss", "127.0.0.1", `?tls_ca=${certificates.otherAuthority}`],
        /SELF_SIGNED|UNABLE_TO/,
      ],
      ["no authority named", "rediss", "127.0.0.1", "", /SELF_SIGNED|UNABLE_TO/],
      ["a client without TLS", "redis", "127.0.0.1", "", /ECONNRESET|closed/i],
    ] as const)("%s", async (_, scheme, host, options, expected) => {
      expect(await outcome(`${scheme}://${host}:${single.port}/0${options}`)).toMatch(expected);
    });

    test("a certificate for another host is refused", async () => {
      const other = await nodes.start(...secured(elsewhere));
      const url = `rediss://127.0.0.1:${other.port}?tls_ca=${elsewhere.authority}`;
      expect(await outcome(url)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    });

    test("Sentinels and the master they name, all over TLS", async () => {
      const sentinel = await nodes.startSentinel(single, [], secured(certificates));
      const url = `rediss+sentinel://127.0.0.1:${sentinel.port}/mymaster/0`;
      expect(await outcome(`${url}${trusting}`)).toBe("served");
      expect(await outcome(url)).not.toBe("served");
    });

    test("a Cluster, all over TLS", async () => {
      const cluster = await nodes.startCluster(0, ...secured(certificates), "--tls-cluster", "yes");
      const url = cluster.url.replace("redis+", "rediss+");
      expect(await outcome(`${url}${trusting}`)).toBe("served");
      expect(await outcome(url)).not.toBe("served");
    });

    test("an API process and a BullMQ worker: a whole sign-up, and 503 where the certificate isn't trusted", async () => {
      const sink = await startSmtpSink();
      const url = `rediss://127.0.0.1:${single.port}/1`;
      const env = {
        ...{ DATABASE_URL: await freshPostgresUrl(), REDIS_URL: `${url}${trusting}` },
        ...{ SMTP_URL: sink.url, EMAIL_FROM: "accounts@meiduo.example" },
      };
      const [api, worker] = [await startProduct("serve", env), await startProduct("work", env)];
      const distrustful = await startProduct("serve", { ...env, REDIS_URL: url });
      try {
        const crowd = visitors(api.url);
        expect((await crowd.requestCode("tls@example.com")).status).toBe(200);
        const code = await codeInMail(sink, "tls@example.com");
        expect((await crowd.signUp("tlsuser", "tls@example.com", code)).status).toBe(201);
        expect((await crowd.logIn("tlsuser")).status).toBe(200);
        // All of it went through Redis, none of it in the clear.
        expect(single.cli("-n", "1", "dbsize")).not.toBe("0");
        const refused = await visitors(distrustful.url).requestCode("other@example.com");
        expect([refused.status, Number(refused.retryAfter) > 0]).toEqual([503, true]);
        expect(refused.millis).toBeLessThan(2000);
        expect(distrustful.output()).toContain("Redis can't be reached");
        const codes = await Promise.all([api.stop(), worker.stop(), distrustful.stop()]);
        expect(codes, distrustful.output()).toEqual([0, 0, 0]);
      } finally {
        await sink.close();
      }
    });

    test("an authority's file that can't be read is reported at the start, with its variable and without the password", async () => {
      const env = {
        ...{ DATABASE_URL: await freshPostgresUrl(), SECRET_KEY: productSecretKey, API_PORT: "0" },
        REDIS_URL: `rediss://:hunter2@127.0.0.1:${single.port}?tls_ca=/nowhere/ca.crt`,
      };
      const refused = await runCommand(["serve"], env);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toMatch(/^ {2}REDIS_URL names a file in tls_ca .*\/nowhere\/ca\.crt/m);
      expect(refused.stderr).not.toMatch(/\n\s+at /);
      expect(refused.stderr).not.toContain("hunter2");
    });
  });
} else notTested("PostgreSQL and Redis");
