import { createHash, randomInt } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, isIPv4, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownAddresses } from "../../src/kernel/own-addresses.ts";
import { notTested } from "../support/not-tested.ts";
import { startsInOwnFolder } from "../support/product-folder.ts";
import { type ProductProcess, startProduct } from "../support/product-process.ts";
import { type Ended, runCommand } from "../support/run-command.ts";
import { signUpByMailbox, visitors } from "../support/visitors.ts";

const own = startsInOwnFolder();
const { settings, started, refused } = own;
const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
const secretKeyFile = () => join(own.folder, "secret-key");
const databaseFile = () => join(own.folder, "meiduo.sqlite3");

/** One sentence in each language on stderr, no stack, nothing on stdout, exit code not 0. */
function expectOneSentence({ code, stdout, stderr }: Ended, about: RegExp): void {
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(about);
  expect(stderr).toMatch(/[\u4e00-\u9fa5]/);
  expect(stderr).not.toMatch(/\n\s+at /);
}

async function occupied<T>(work: (port: number) => Promise<T>): Promise<T> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work((server.address() as { port: number }).port);
  } finally {
    server.close();
  }
}

describe("starting", () => {
  it("makes its folder, key and database, says where everything is, stops cleanly, and starts again", async () => {
    own.folder = join(own.folder, "new", "data");
    const first = await started();
    expect(first.output()).toContain(`${first.url}/docs`);
    expect(first.output()).toMatch(/Site .*http:\/\/127\.0\.0\.1:\d+/);
    expect(first.output()).toContain(`${first.url}/sandbox/mailbox/`);
    await signUpByMailbox(first.url, "python01");
    const key = readFileSync(secretKeyFile(), "utf8");
    expect(key.trim().length).toBeGreaterThanOrEqual(43);
    expect(statSync(secretKeyFile()).mode & 0o777).toBe(0o600);
    expect(statSync(own.folder).mode & 0o077).toBe(0);
    expect(first.output()).not.toContain(key.trim());
    expect(await first.stop()).toBe(0);
    // Closed in order: SQLite has put its log away.
    const files = ["first-superuser-link", "meiduo.sqlite3", "secret-key"];
    expect(readdirSync(own.folder).toSorted()).toEqual(files);

    const second = await started();
    expect((await visitors(second.url).logIn("python01")).status).toBe(200);
    expect(readFileSync(secretKeyFile(), "utf8")).toBe(key);
    process.kill(second.pid, "SIGINT");
    expect(await second.stop()).toBe(0);
  });

  it.each(["API_PORT", "WEB_PORT", "METRICS_PORT"])(
    "says which port is in use (%s), and leaves nothing running",
    async (name) => {
      const running = await started();
      await signUpByMailbox(running.url, "python01");
      expect(await running.stop()).toBe(0);
      await occupied(async (port) => {
        expectOneSentence(
          await refused({ [name]: String(port) }),
          new RegExp(`\\b${port}\\b.*\\b${name}\\b`),
        );
      });
      const again = await started();
      expect((await visitors(again.url).logIn("python01")).status).toBe(200);
      expect(await again.stop()).toBe(0);
    },
  );

  // Several API processes share their port with each other, and must not with another product.
  it.each([
    ["1", "1"],
    ["2", "2"],
    ["1", "2"],
    ["2", "1"],
  ])(
    "a start (WEB_CONCURRENCY=%s) beside another (%s) is refused by the port and harms nothing",
    async (second, first) => {
      const running = await started({ WEB_CONCURRENCY: first });
      const { port } = new URL(running.url);
      expectOneSentence(
        await refused({ API_PORT: port, WEB_CONCURRENCY: second }),
        new RegExp(`\\b${port}\\b`),
      );
      await signUpByMailbox(running.url, "python01");
      expect(await running.stop()).toBe(0);
    },
  );

  it("says which setting a pooler before the database refuses", async () => {
    // All that PgBouncer answers then: an ErrorResponse of its own.
    const fields = "SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0";
    const answer = Buffer.from(`E\0\0\0${String.fromCharCode(fields.length + 4)}${fields}`, "latin1");
    let startup = "";
    const pooler = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (data) => {
        startup ||= data.toString("latin1");
        socket.end(answer);
      });
    });
    await new Promise<void>((resolve) => pooler.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = pooler.address() as { port: number };
      const ended = await refused({ DATABASE_URL: `postgres://meiduo:hunter2@127.0.0.1:${port}/meiduo` });
      expectOneSentence(ended, /unsupported startup parameter: statement_timeout.*PgBouncer/);
      expect(ended.stderr).not.toContain("hunter2");
      // What docs/scaling.md tells the pooler to ignore is all it has to.
      const scaling = readFileSync(join(import.meta.dirname, "../../../docs/scaling.md"), "utf8");
      const ignored = /^ignore_startup_parameters = (.*)$/m.exec(scaling)?.[1]?.split(",") ?? [];
      const known = ["user", "database", "client_encoding", "application_name", ""];
      const names = startup
        .slice(8)
        .split("\0")
        .filter((_, index) => index % 2 === 0);
      expect(names.filter((name) => !known.includes(name)).toSorted()).toEqual(ignored.toSorted());
    } finally {
      pooler.close();
    }
  });

  it("says that a folder can't be written", async () => {
    // Not writable for root either.
    expectOneSentence(await refused({ DATA_DIR: "/sys/meiduo" }), /\/sys\/meiduo.*DATA_DIR/);
    expectOneSentence(await refused({ DATA_DIR: "/proc/meiduo" }), /\/proc\/meiduo.*DATA_DIR/);
    const file = join(own.folder, "file");
    writeFileSync(file, "kept");
    expectOneSentence(await refused({ DATA_DIR: file }), /DATA_DIR/);
    expectOneSentence(await refused({ DATA_DIR: join(file, "data") }), /DATA_DIR/);
    expect(readFileSync(file, "utf8")).toBe("kept");
  });

  it("says that the database file is broken, and does not touch it", async () => {
    writeFileSync(databaseFile(), "this is no database, but somebody may want it back ".repeat(100));
    const before = digest(databaseFile());
    expectOneSentence(await refused(), /damaged or not a database/);
    expect(digest(databaseFile())).toBe(before);
  });

  it("says that a folder stands where the database should be", async () => {
    mkdirSync(databaseFile());
    expectOneSentence(await refused(), /DATA_DIR/);
  });

  it("finishes what an earlier start left half done", async () => {
    writeFileSync(secretKeyFile(), "");
    writeFileSync(join(own.folder, ".secret-key-half"), "half a k");
    writeFileSync(databaseFile(), "");
    const product = await started();
    await signUpByMailbox(product.url, "python01");
    expect(readFileSync(secretKeyFile(), "utf8").trim().length).toBeGreaterThanOrEqual(43);
    expect(statSync(secretKeyFile()).mode & 0o777).toBe(0o600);
    expect(await product.stop()).toBe(0);
  });

  it("says once, in one sentence, that the key beside an existing database was lost", async () => {
    const told = (product: ProductProcess) =>
      product
        .output()
        .split("\n")
        .filter((line) => /secret-key|"warn"/.test(line) && !line.includes("first-superuser-link"));
    const first = await started();
    await signUpByMailbox(first.url, "python01");
    expect(told(first)).toEqual([]);
    expect(await first.stop()).toBe(0);
    const lost = readFileSync(secretKeyFile(), "utf8");
    rmSync(secretKeyFile());

    const second = await started();
    const lines = told(second);
    expect(lines).toHaveLength(1);
    const { level, msg } = JSON.parse(lines[0]!) as { level: string; msg: string };
    expect(level).toBe("warn");
    expect(msg).toContain(`${secretKeyFile()} was missing beside an existing database`);
    expect(msg).toMatch(/log in again.*\. [^.]*重新登录.*。$/u);
    const made = readFileSync(secretKeyFile(), "utf8");
    expect(made).not.toBe(lost);
    for (const key of [lost, made]) expect(second.output()).not.toContain(key.trim());
    expect(await second.stop()).toBe(0);

    const third = await started();
    expect(told(third)).toEqual([]);
    expect(await third.stop()).toBe(0);
  });

  it("survives being killed at any moment of its first start", async () => {
    let key = "";
    for (let round = 0; round < 5; round++) {
      const life = randomInt(150, 1200);
      await startProduct("start", settings(), { until: "never said", limitSeconds: life / 1000 }).catch(
        (error: Error) => expect(error.message).toMatch(/did not come true/),
      );
      const found = readdirSync(own.folder).includes("secret-key")
        ? readFileSync(secretKeyFile(), "utf8")
        : "";
      if (key) expect(found, "the key never changes once made").toBe(key);
      key = found;
    }
    const product = await started();
    await signUpByMailbox(product.url, "python01");
    expect(await product.stop()).toBe(0);
  });

  it("two at once on an empty folder end up with one key and one database", async () => {
    const [a, b] = await Promise.all([started(), started()]);
    await signUpByMailbox(a.url, "python01");
    const crowd = visitors(b.url);
    const logIn = await crowd.logIn("python01");
    expect(logIn.status).toBe(200);
    const { token } = JSON.parse(logIn.body) as { token: string };
    const me = await fetch(`${a.url}/user/`, { headers: { authorization: `JWT ${token}` } });
    expect(me.status).toBe(200);
    expect(await Promise.all([a.stop(), b.stop()])).toEqual([0, 0]);
  });
});

describe("migrate and jobs", () => {
  it.each([
    ["en_US.UTF-8", /^Applied: 0001/, "The database is up to date.\n", /^waiting 0 · /, /^There is no job/],
    ["zh_CN.UTF-8", /^已执行：0001/, "数据库已是最新。\n", /^等待中 0 · /, /^没有任务/],
  ])("speak as the terminal does: %s", async (LANG, applied, upToDate, list, missing) => {
    const run = (...args: string[]) => runCommand(args, { ...settings(), LANG });
    const first = await run("migrate");
    const used = `Database 数据库  SQLite ${join(own.folder, "meiduo.sqlite3")}\n`;
    expect([first.code, first.stderr]).toEqual([0, used]);
    expect(first.stdout).toMatch(applied);
    expect(await run("migrate")).toEqual({ code: 0, stdout: upToDate, stderr: used });
    expect((await run("jobs", "list")).stdout).toMatch(list);
    const shown = await run("jobs", "show", "nobody");
    expect(shown.code).toBe(1);
    expect(shown.stderr).toMatch(missing);
  });
});

describe("the configuration", () => {
  it("is refused with every problem at once, and no secret in the answer", async () => {
    const { code, stdout, stderr } = await refused({
      API_PORT: "http",
      EMAIL_CODE_EXPIRES: "0",
      SECRET_KEY: "too-short-secret",
      DATABASE_URL: "mysql://root:hunter2@db/x",
      LOG_LEVEL: "loud",
      CORS_ORIGIN_WHITELIST: "www.meiduo.com",
    });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    const names = ["API_PORT", "EMAIL_CODE_EXPIRES", "SECRET_KEY", "DATABASE_URL", "LOG_LEVEL"];
    for (const name of [...names, "CORS_ORIGIN_WHITELIST"])
      expect(stderr).toMatch(new RegExp(`^  ${name} `, "m"));
    expect(stderr).not.toMatch(/hunter2|too-short-secret|\n\s+at /);
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it.each([
    ["HOST", "256.1.1.1"],
    ["API_PORT", "65536"],
    ["WEB_PORT", "70000"],
    ["PASSWORD_HASHERS", "nope"],
    ["PASSWORD_HASHERS", ","],
    ["PASSWORD_HASHERS", "md5,argon2"],
    ["TRUST_PROXY", "abc"],
    ["SMTP_URL", "smtp://"],
    ["REDIS_URL", "redis://x y"],
    ["EMAIL_FROM", "x y"],
    ["DATABASE_URL", "postgres://x y/z"],
    ["HTTPS_PROXY", "proxy"],
    ["METRICS_PORT", "18001"],
  ])("is refused by start and by check-config in the same words: %s=%s", async (name, value) => {
    const wrong = { API_PORT: "18001", WEB_PORT: "18002", [name]: value };
    const [start, check] = await Promise.all([
      refused(wrong),
      runCommand(["check-config"], { ...settings(), ...wrong }),
    ]);
    for (const { code, stdout, stderr } of [start, check]) {
      expect([code, stdout]).toEqual([1, ""]);
      const [heading, sentence, ...more] = stderr.trim().split("\n");
      expect(heading).toContain("The configuration has problems");
      expect(sentence).toMatch(new RegExp(`^  ${name} [a-z]`));
      expect(more).toEqual([]);
    }
    expect(check.stderr.split("\n")[1]).toBe(start.stderr.split("\n")[1]);
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it("takes an IPv6 address to listen on, and prints it as browsers take it", async () => {
    const product = await started({ HOST: "::1", WEB_CONCURRENCY: "1" });
    try {
      const { port } = new URL(product.url);
      const api = `http://[::1]:${port}`;
      expect(product.output()).toContain(`${api}/docs`);
      const site = /Site .*(http:\/\/\[::1\]:\d+)/.exec(product.output())?.[1];
      expect(await (await fetch(`${site}/config.json`)).json()).toMatchObject({ apiUrl: api });
      const answer = await fetch(`${api}/test/`, { headers: { origin: site! } });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, site]);
    } finally {
      expect(await product.stop()).toBe(0);
    }
  });

  const phoneAddress = ownAddresses().find(({ host, isLoopback }) => !isLoopback && isIPv4(host))?.host;
  if (phoneAddress) {
    it("lets a phone in the same network use site and API, and keeps the mailbox to this machine", async () => {
      const product = await started({ HOST: "0.0.0.0" });
      try {
        const { port } = new URL(product.url);
        const site = /Network .*(http:\/\/\S+)/.exec(product.output())?.[1];
        expect(site).toMatch(`http://${phoneAddress}:`);
        const api = `http://${phoneAddress}:${port}`;
        const page = await fetch(`${site}/`);
        expect(page.headers.get("content-security-policy")).toContain(`connect-src 'self' ${api};`);
        expect(await (await fetch(`${site}/config.json`)).json()).toMatchObject({ apiUrl: api });
        const answer = await fetch(`${api}/test/`, { headers: { origin: site! } });
        expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, site]);
        const { servers } = (await (await fetch(`${api}/docs/json`)).json()) as { servers: object[] };
        expect(servers).toEqual([{ url: "/" }]);
        // A proxy on this machine stands for a visitor who is elsewhere.
        const forwarded = { headers: { "x-forwarded-for": "203.0.113.7" } };
        for (const [init, status] of [
          [{}, 200],
          [forwarded, 403],
        ] as const)
          expect((await fetch(`${product.url}/sandbox/mailbox/messages/`, init)).status).toBe(status);
      } finally {
        expect(await product.stop()).toBe(0);
      }
    });
  } else notTested("an address of this machine that others reach, for HOST=0.0.0.0");

  it("says in one sentence that HOST is no address of this machine", async () => {
    // Of the range for documentation (RFC 5737), which no machine has.
    expectOneSentence(await refused({ HOST: "192.0.2.1" }), /HOST/);
    expectOneSentence(await refused({ HOST: "nowhere.invalid" }), /HOST/);
  });

  it("is shown by check-config, secrets hidden", async () => {
    const { code, stdout, stderr } = await runCommand(["check-config"], {
      ...settings(),
      SECRET_KEY: "a-secret-key-that-is-long-enough-0123456789",
      DATABASE_URL: "postgres://meiduo:hunter2@db.example/accounts",
      SMTP_URL: "smtps://sender%40qq.com:authcode99@smtp.qq.com:465",
      REDIS_URL: "redis://:redispass@cache:6379/0",
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^EMAIL_CODE_EXPIRES=180/m);
    expect(stdout).toContain("db.example");
    expect(stdout).not.toMatch(/hunter2|authcode99|redispass|a-secret-key-that/);
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it.each(["start", "serve", "web", "work", "migrate"])(
    "%s --help says what it does and does nothing",
    async (name) => {
      const english = await runCommand([name, "--help"], { ...settings(), LANG: "en_US.UTF-8" });
      expect([english.code, english.stderr]).toEqual([0, ""]);
      expect(english.stdout).toMatch(/[a-z]\.\n$/);
      const chinese = await runCommand([name, "-h"], { ...settings(), LANG: "zh_CN.UTF-8" });
      expect([chinese.code, chinese.stderr]).toEqual([0, ""]);
      expect(chinese.stdout).toMatch(/[\u4e00-\u9fff]。\n$/);
      expect(readdirSync(own.folder)).toEqual([]);
    },
  );

  it.each([
    ["start", "--host", "There is no option --host."],
    ["work", "--hosts", "There is no option --hosts."],
    ["migrate", "now", "Wrong number of arguments."],
  ])("%s %s is refused before anything begins", async (name, argument, said) => {
    const { code, stdout, stderr } = await runCommand([name, argument], settings());
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`${said}\nUsage:\n`);
    const chinese = await runCommand([name, argument], { ...settings(), LANG: "zh_CN.UTF-8" });
    expect([chinese.code, chinese.stdout]).toEqual([2, ""]);
    expect(chinese.stderr).toMatch(/^[^\n]*。\n用法：\n/);
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it("an unknown command is refused with the known ones", async () => {
    const { code, stderr } = await runCommand(["strat"], settings());
    expect(code).toBe(2);
    expect(stderr).toMatch(/Unknown command "strat".*start.*check-config/s);
    const inChinese = await runCommand(["strat"], { ...settings(), LANG: "zh_CN.UTF-8" });
    expect([inChinese.code, inChinese.stdout]).toEqual([2, ""]);
    expect(inChinese.stderr).toMatch(/^没有“strat”这个命令。.*start.*check-config/s);
  });
});
