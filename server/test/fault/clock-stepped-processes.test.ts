import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";
import { dataFolder, type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import {
  type EnginePair,
  enginePairs,
  freshPostgresUrl,
  freshRedisUrl,
  hasProductionEngines,
} from "../support/test-engines.ts";
import { codeInMail, promisedMails, visitors } from "../support/visitors.ts";

const preload = pathToFileURL(resolve(import.meta.dirname, "../fixtures/stepped-clock.mjs")).href;

/** The wall clock of an API process and a worker is set while they run; the engines' own clocks are not. */
describe.each(enginePairs)("the machine's clock is set while the product runs, on %s", (pair: EnginePair) => {
  const folder = dataFolder();
  const file = join(folder.path, "clock");
  const setClock = (seconds: number) => writeFileSync(file, String(seconds));
  let sink: SmtpSink;
  let api: ProductProcess;
  let worker: ProductProcess;
  beforeAll(async () => {
    sink = await startSmtpSink();
    setClock(0);
    const engines: Record<string, string> =
      pair === "sqlite"
        ? { DATA_DIR: folder.path }
        : { DATABASE_URL: await freshPostgresUrl(), REDIS_URL: await freshRedisUrl() };
    const env = {
      ...{ ...engines, SMTP_URL: sink.url, EMAIL_FROM: "accounts@meiduo.example" },
      ...{ NODE_OPTIONS: `--import=${preload}`, STEPPED_CLOCK_FILE: file },
    };
    api = await startProduct("serve", env);
    worker = await startProduct("work", env);
  });
  afterAll(async () => {
    await Promise.all([api?.stop(), worker?.stop()]);
    await sink?.close();
    folder.release();
  });

  test.each([
    ["back", -3600],
    // From where the first one set it to.
    ["forward", 0],
  ])(
    "an hour %s: a promised mail is sent at once while its code lives, no code works twice, no account and no token is lost",
    async (direction, seconds) => {
      const crowd = visitors(api.url);
      const address = (name: string) => `${direction}.${name}@example.com`;
      const nameOf = (name: string) => `${direction}${name}`;
      async function signUp(name: string) {
        expect((await crowd.requestCode(address(name))).status).toBe(200);
        const code = await codeInMail(sink, address(name));
        const answer = await crowd.signUp(nameOf(name), address(name), code);
        expect(answer.status, answer.body).toBe(201);
        return { code, token: (JSON.parse(answer.body) as { token: string }).token };
      }
      const earlier = await signUp("earlier");
      expect((await crowd.requestCode(address("waiting"))).status).toBe(200);
      setClock(seconds);

      // Asked for before and after: the mails come now, not when the clock is there again.
      await signUp("later");
      const sent = () => sink.mailsTo(address("waiting")).length === 1;
      if (direction === "back") await waitUntil(sent, 20, "the earlier mail");
      // The step ended the life of the earlier code: whether its mail went out before, a new one comes.
      else await signUp("other");
      const again = await crowd.signUp(nameOf("again"), address("earlier"), earlier.code);
      expect([again.status, again.body.includes("token")]).toEqual([400, false]);
      for (const name of ["earlier", "later"]) expect((await crowd.logIn(nameOf(name))).status).toBe(200);
      const me = await fetch(`${api.url}/user/`, { headers: { authorization: `JWT ${earlier.token}` } });
      expect(me.status).toBe(200);
      for (const email of promisedMails(crowd.answers)) {
        const least = direction === "forward" && email === address("waiting") ? 0 : 1;
        expect(sink.mailsTo(email).length, email).toBeGreaterThanOrEqual(least);
        expect(sink.mailsTo(email).length, email).toBeLessThanOrEqual(1);
      }
      expect(crowd.answers.filter(({ status }) => status >= 500)).toEqual([]);
    },
  );
});

if (!hasProductionEngines) notTested("PostgreSQL and Redis");
