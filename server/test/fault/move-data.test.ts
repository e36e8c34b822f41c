import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";
import { visitors } from "../support/visitors.ts";

/** People who sign up at the same time. */
const people = 4;

if (hasProductionEngines) {
  describe("move-data while the site runs", () => {
    let folder: ReturnType<typeof dataFolder>;
    let to: string;
    const running: ProductProcess[] = [];
    beforeEach(async () => {
      folder = dataFolder();
      to = await freshPostgresUrl();
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((product) => product.stop()));
      folder.release();
    });
    const env = () => ({
      DATA_DIR: folder.path,
      WEB_PORT: "0",
      HASH_CONCURRENCY: "2",
      SECRET_KEY: productSecretKey,
    });
    const from = () => `sqlite:${join(folder.path, "meiduo.sqlite3")}`;
    async function start(over: Record<string, string> = {}): Promise<ProductProcess> {
      const product = await startProduct("start", { ...env(), ...over });
      running.push(product);
      return product;
    }
    const languages = [
      ["en_US.UTF-8", /^This embedded database .*--release --from/],
      ["zh_CN.UTF-8", /^这个内嵌数据库.*--release --from/],
    ] as const;

    /** Signs people up until the site refuses; whoever was answered 201 is in `accepted`. */
    async function signUpUntilRefused(url: string, person: number, accepted: string[], failures: string[]) {
      const crowd = visitors(url);
      for (let number = 0; ; number++) {
        const name = `person${person}x${number}`;
        const email = `${name}@example.com`;
        await crowd.requestCode(email);
        const code = crowd.answers.at(-1)!.status === 200 ? await mailedCode(url, email) : null;
        if (code !== null) await crowd.signUp(name, email, code);
        const { status, path, body, retryAfter } = crowd.answers.at(-1)!;
        if (status === 201) accepted.push(name);
        else {
          if (status !== 503 && code !== null) failures.push(`${path} answered ${status} ${body}`);
          if (status === 503 && retryAfter === null) failures.push(`${path} has no Retry-After`);
          return;
        }
      }
    }

    /** Null where the mail never comes, because the worker may not take its job any more. */
    async function mailedCode(url: string, email: string): Promise<string | null> {
      for (;;) {
        const response = await fetch(`${url}/sandbox/mailbox/messages/?to=${email}`);
        const [mail] = (await response.json()) as { code: string }[];
        if (mail) return mail.code;
        if ((await fetch(`${url}/readyz`)).status === 503) return null;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    test("every account that was answered 201 is in the target; the rest was answered 503", async () => {
      const product = await start();
      const accepted: string[] = [];
      const failures: string[] = [];
      const storm = Promise.all(
        Array.from({ length: people }, (_, person) =>
          signUpUntilRefused(product.url, person, accepted, failures),
        ),
      );
      await waitUntil(() => accepted.length >= people, 60, "the first accounts");
      const moved = await runCommand(["move-data", "--from", from(), "--to", to], env());
      // How far it is goes to standard error, and nothing else does.
      const said = moved.stderr.split("\n").filter((line) => !/^(copy|compare) .* 100%|^$/.test(line));
      expect([moved.code, said]).toEqual([0, []]);
      await storm;
      expect(failures).toEqual([]);

      const target = new pg.Client({ connectionString: to });
      await target.connect();
      const { rows } = await target.query("select username from users");
      expect(rows.map(({ username }) => username).sort()).toEqual(accepted.toSorted());
      await target.end();

      // The running site says what happened, and goes on reading.
      expect((await visitors(product.url).count(accepted[0]!)).body).toContain('"count":1');
      expect((await visitors(product.url).logIn(accepted[0]!)).status).toBe(503);
      const lines = product.output().split("\n");
      expect(lines.some((line) => /This embedded database is being moved.*DATABASE_URL/.test(line))).toBe(
        true,
      );
      await product.stop();

      for (const [LANG, sentence] of languages) {
        const refused = await runCommand(["start"], { ...env(), API_PORT: "0", LANG });
        expect([refused.code, refused.stdout]).toEqual([1, ""]);
        expect(refused.stderr).toMatch(sentence);
        expect(refused.stderr.trim().split("\n")).toHaveLength(1);
      }
      const onTarget = await start({ DATABASE_URL: to });
      for (const name of accepted) expect((await visitors(onTarget.url).logIn(name)).status).toBe(200);
    }, 240_000);

    test("a target that was not filled to the end is not started on; --release leads back to the source", async () => {
      await (await start()).stop();
      running.length = 0;
      const target = new pg.Client({ connectionString: to });
      await target.connect();
      await target.query("create table unfinished_move (mark text primary key)");
      await target.end();
      const refused = await runCommand(["start"], { ...env(), API_PORT: "0", DATABASE_URL: to });
      expect([refused.code, refused.stdout]).toEqual([1, ""]);
      expect(refused.stderr).toMatch(/^This database is what a move-data or restore left/);
      expect((await runCommand(["move-data", "--from", from(), "--to", to], env())).code).toBe(0);
      const manage = ["createsuperuser", "--username", "root1", "--email", "root1@example.com"];
      const denied = await runCommand(manage, { ...env(), LANG: "en_US.UTF-8" });
      expect(denied.code).toBe(1);
      expect(denied.stderr).toMatch(/This embedded database is being moved/);
      expect(denied.stderr).not.toMatch(/\n\s+at /);
      expect((await runCommand(["move-data", "--release", "--from", from()], env())).code).toBe(0);
      await (await start()).stop();
      running.length = 0;
    }, 240_000);
  });
} else notTested("PostgreSQL and Redis");
