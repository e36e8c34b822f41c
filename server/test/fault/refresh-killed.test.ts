import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { notTested } from "../support/not-tested.ts";
import { dataFolder, type ProductProcess, startProduct } from "../support/product-process.ts";
import {
  type EnginePair,
  enginePairs,
  freshPostgresUrl,
  freshRedisUrl,
  hasProductionEngines,
} from "../support/test-engines.ts";
import { signUpByMailbox, visitors } from "../support/visitors.ts";

/**
 * Two API processes on one database, of which one is killed (SIGKILL) while it renews a session, and its answer never
 * arrives. The client shows the token that it still has to the other.
 */
const rounds = 3;
const preload = pathToFileURL(resolve(import.meta.dirname, "../fixtures/stepped-clock.mjs")).href;

interface Tokens {
  readonly token: string;
  readonly refresh_token: string;
}

describe.each(enginePairs)("a process is killed while it renews a session, on %s", (pair: EnginePair) => {
  const folder = dataFolder();
  const clockFile = join(folder.path, "clock");
  let env: Record<string, string>;
  let survivor: ProductProcess;
  let victim: ProductProcess;
  let rows: Rows;
  /** Seconds by which the processes' clock is ahead. */
  let ahead = 0;
  const stepClock = (seconds: number) => {
    ahead += seconds;
    writeFileSync(clockFile, String(ahead));
  };

  beforeAll(async () => {
    stepClock(0);
    const engines: Record<string, string> =
      pair === "sqlite"
        ? { DATA_DIR: folder.path }
        : {
            ...{ DATA_DIR: folder.path, DATABASE_URL: await freshPostgresUrl() },
            REDIS_URL: await freshRedisUrl(),
          };
    env = { ...engines, NODE_OPTIONS: `--import=${preload}`, STEPPED_CLOCK_FILE: clockFile };
    survivor = await startProduct("start", { ...env, WEB_PORT: "0" });
    victim = await startProduct("serve", env);
    rows = await (pair === "sqlite"
      ? sqliteRows(join(folder.path, "meiduo.sqlite3"))
      : postgresRows(env.DATABASE_URL!));
    await signUpByMailbox(survivor.url, "python01");
  });
  afterAll(async () => {
    await rows?.close();
    await Promise.all([survivor?.stop(), victim?.stop()]);
    folder.release();
  });

  async function logIn(): Promise<Tokens & { readonly sid: string }> {
    const answer = await visitors(survivor.url).logIn("python01", { refresh: true });
    expect(answer.status, answer.body).toBe(200);
    const tokens = JSON.parse(answer.body) as Tokens;
    return { ...tokens, sid: String(claimsOf(tokens.token).sid) };
  }
  const show = (url: string, refresh_token: string) =>
    visitors(url).call("refresh", "/user/tokens/refresh/", { refresh_token });

  /** What the client gets at either process that lives: one and the same token, the session's next. */
  async function askAgain({ refresh_token, sid }: { refresh_token: string; sid: string }): Promise<string> {
    const answers = await Promise.all(
      [survivor, victim, survivor, victim].map(({ url }) => show(url, refresh_token)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const given = new Set(answers.map(({ body }) => (JSON.parse(body) as Tokens).refresh_token));
    expect(given.size).toBe(1);
    const [next] = given as Iterable<string> as [string];
    expect(claimsOf(next).jti).toBe(`${sid}.1`);
    expect(await rows.counterOf(sid)).toBe(1);
    return next;
  }

  /** Kills the one that was asked, once `moment` has come; nothing that it answered arrives. */
  async function killWhileRenewing(refreshToken: string, moment: () => Promise<void>): Promise<void> {
    const silent = await startSilentProxy(new URL(victim.url).port);
    const lost = [1, 2].map(() =>
      show(silent.url, refreshToken).then(
        () => "answered",
        () => "lost",
      ),
    );
    await moment();
    await victim.kill();
    silent.close();
    expect(await Promise.all(lost)).toEqual(["lost", "lost"]);
    victim = await startProduct("serve", env);
  }

  test("after the commit: the same token for thirty seconds; later the old one ends the session", async () => {
    for (let round = 0; round < rounds; round++) {
      const first = await logIn();
      await killWhileRenewing(first.refresh_token, () => untilCommitted(rows, first.sid));
      const next = await askAgain(first);
      const renewed = await show(victim.url, next);
      expect(renewed.status).toBe(200);
      const last = JSON.parse(renewed.body) as Tokens;

      stepClock(31);
      expect((await show(survivor.url, first.refresh_token)).status).toBe(401);
      for (const { url } of [survivor, victim]) {
        expect((await show(url, last.refresh_token)).status).toBe(401);
        const headers = { authorization: `JWT ${last.token}` };
        expect((await fetch(`${url}/user/`, { headers })).status).toBe(401);
      }
    }
  });

  test("at any moment: the session goes on, in one lineage", async () => {
    for (let round = 0; round < rounds; round++) {
      const first = await logIn();
      const millis = randomInt(0, 12);
      const moment = () => new Promise<void>((resolve) => setTimeout(resolve, millis));
      await killWhileRenewing(first.refresh_token, moment);
      const next = await askAgain(first);
      expect((await show(survivor.url, next)).status, `killed after ${millis} ms`).toBe(200);
    }
  });
});

if (!hasProductionEngines) notTested("PostgreSQL and Redis");

/** The database as it is committed. */
interface Rows {
  counterOf(session: string): Promise<number>;
  close(): Promise<void>;
}

async function sqliteRows(file: string): Promise<Rows> {
  const db = new DatabaseSync(file, { readOnly: true });
  const counter = db.prepare("select counter from sessions where id = ?");
  return { counterOf: async (id) => Number(counter.get(id)?.counter), close: async () => db.close() };
}

async function postgresRows(url: string): Promise<Rows> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    async counterOf(id) {
      const { rows } = await client.query("select counter from sessions where id = $1", [id]);
      return Number(rows[0]?.counter);
    },
    close: () => client.end(),
  };
}

/** Looks without a pause: what follows comes before the answer is out, or as soon after as can be. */
async function untilCommitted(rows: Rows, session: string): Promise<void> {
  const end = performance.now() + 60_000;
  while ((await rows.counterOf(session)) === 0) {
    if (performance.now() > end) throw new Error("the token was not replaced within 60 s");
    await new Promise(setImmediate);
  }
}

/** Takes requests on to that port and no answer back. */
async function startSilentProxy(port: string): Promise<{ readonly url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(Number(port), "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => client.destroy());
    }
    client.pipe(target);
    target.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
