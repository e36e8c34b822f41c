import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands.ts";
import { freePort } from "../support/free-port.ts";
import {
  type Inside,
  type MinimalDebian,
  makeMinimalDebian,
  whyNoDebian,
} from "../support/minimal-debian.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";

/**
 * README.md and docs/scaling.md, followed to the letter where nothing is installed but Node and npm. Other checks run
 * on machines that have everything already, and saw neither a missing library nor commands that worked on an empty
 * database. systemd can't run here: the unit's line is started by hand, with its variables and its user.
 */
const repository = resolve(import.meta.dirname, "../../..");
const missing = whyNoDebian();

if (missing !== null) notTested(missing);
else {
  let debian: MinimalDebian;
  beforeAll(async () => {
    debian = await makeMinimalDebian(["nginx", "openssl"]);
    // A fresh clone: what git knows, as it is now.
    const list = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: repository });
    const archive = join(debian.root, "srv/clone.tar");
    const made = spawnSync("tar", ["-cf", archive, "--null", "-T", "-"], {
      cwd: repository,
      input: list.stdout,
    });
    expect(made.status).toBe(0);
  }, 900_000);
  afterAll(() => debian?.remove(), 600_000);

  test("npm start, as a new user: names the missing library, and starts once it is there", async () => {
    const inside = await debian.enter("machine");
    const prepared = await inside.run(
      "useradd -m visitor && setpriv --reuid=visitor --regid=visitor --init-groups sh -c 'mkdir ~visitor/meiduo && tar -xf /srv/clone.tar -C ~visitor/meiduo'",
    );
    expect(prepared).toEqual({ code: 0, output: "" });
    const as = { user: "visitor", cwd: "/home/visitor/meiduo" };
    const env = {
      API_PORT: String(await freePort()),
      WEB_PORT: String(await freePort()),
      NODE_ENV: "production",
    };
    for (const _time of ["first", "again"]) {
      const { code, output } = await inside.run("npm start", { ...as, env });
      expect(code, output).toBe(1);
      expect(output).toContain("apt-get install libatomic1");
    }
    const library = await inside.run(
      "apt-get update -q && apt-get install -q -y --no-install-recommends libatomic1",
    );
    expect(library.code, library.output).toBe(0);
    const started = inside.start("npm start", { ...as, env });
    await waitUntil(
      () => started.output().includes("is ready") || started.child.exitCode !== null,
      600,
      "ready",
    );
    expect(started.output()).toContain("Database 数据库  SQLite /home/visitor/meiduo/data/meiduo.sqlite3");
    const page = await inside.run(
      `node -e 'fetch("http://127.0.0.1:${env.WEB_PORT}/").then(r=>process.exit(r.status===200?0:1))'`,
    );
    expect(page).toEqual({ code: 0, output: "" });
    await inside.leave();
  }, 1_800_000);

  describe("the installation under systemd, as docs/scaling.md says", () => {
    const variables = {
      SECRET_KEY: "a#key 'with everything\" $that \\systemd reads its own way 42",
      SMTP_URL: "smtp://127.0.0.1:2525",
      EMAIL_FROM: "Example <accounts@example.com>",
      CORS_ORIGIN_WHITELIST: "https://www.meiduo.com",
      PUBLIC_SITE_URL: "https://www.meiduo.com",
      PUBLIC_API_URL: "https://api.meiduo.com",
      TRUST_PROXY: "1",
      NODE_EXTRA_CA_CERTS: "/etc/letsencrypt/live/meiduo.com/fullchain.pem",
    };
    let inside: Inside;

    test("its lines, one after another", async () => {
      const section = readFileSync(join(repository, "docs/scaling.md"), "utf8").split(
        "### On a machine with systemd",
      )[1]!;
      const lines = /```sh\n(.*?)```/s.exec(section)![1]!.trim().split("\n");
      // In place of what a chroot lacks: root is here already, the editor writes, systemd is played below.
      debian.write("usr/local/bin/sudo", '#!/bin/sh\nSUDO_USER=operator exec "$@"\n', 0o755);
      debian.write("usr/local/bin/git", "#!/bin/sh\ncat /srv/clone.tar\n", 0o755);
      debian.write("usr/local/bin/systemctl", "#!/bin/sh\nexit 0\n", 0o755);
      const quoted = (text: string) => `"${text.replace(/["\\$`]/g, "\\$&")}"`;
      const text = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
      debian.write("srv/meiduo-accounts.env", text.join(""));
      debian.write("usr/local/bin/sudoedit", '#!/bin/sh\ncat /srv/meiduo-accounts.env > "$1"\n', 0o755);
      const machine = await debian.enter("machine");
      for (const line of lines.filter((one) => !one.endsWith(" doctor"))) {
        const { code, output } = await machine.run(line, { cwd: "/home/visitor/meiduo" });
        expect(code, `${line}\n${output}`).toBe(0);
      }
      expect(lines.at(-1)).toBe("sudo meiduo-accounts doctor");
      await machine.leave();
    }, 1_800_000);

    test("the unit's line, behind nginx, signs a visitor up over https", async () => {
      inside = await debian.enter("own");
      debian.write("etc/hosts", "127.0.0.1 localhost www.meiduo.com api.meiduo.com\n");
      const live = "/etc/letsencrypt/live/meiduo.com";
      const certificate = await inside.run(
        `mkdir -p ${live} && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=meiduo.com -addext subjectAltName=DNS:www.meiduo.com,DNS:api.meiduo.com -keyout ${live}/privkey.pem -out ${live}/fullchain.pem && ` +
          "cp /opt/meiduo-accounts/deploy/nginx/meiduo-accounts.conf /etc/nginx/conf.d/ && nginx",
      );
      expect(certificate.code, certificate.output).toBe(0);
      debian.write("srv/sink.mjs", sink);
      const mails = inside.start("/opt/meiduo-accounts/node_modules/node/bin/node /srv/sink.mjs");
      const unit = readFileSync(join(debian.root, "etc/systemd/system/meiduo-accounts-web.service"), "utf8");
      const own = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap((match) => match[1]!.split(" "));
      const env = { ...Object.fromEntries(own.map((one) => one.split(/=(.*)/s).slice(0, 2))), ...variables };
      const line = /^ExecStart=(.*)$/m.exec(unit)![1]!;
      await inside.run(
        "install -d -m 0700 -o meiduo -g meiduo /var/lib/meiduo-accounts /var/cache/meiduo-accounts",
      );
      const service = { user: "meiduo", cwd: "/opt/meiduo-accounts", env };
      const web = inside.start(`exec ${line}`, service);
      const work = inside.start(`exec ${line.replace(/web$/, "work")}`, service);
      for (const one of [web, work])
        await waitUntil(() => one.output().includes("is ready") || one.child.exitCode !== null, 60, "ready");
      expect(web.output()).toContain("Database 数据库  SQLite /var/lib/meiduo-accounts/meiduo.sqlite3");
      await waitUntil(() => mails.output().includes("listening"), 30, "the mail server");
      debian.write("srv/visit.mjs", visit);
      const visited = await inside.run("node /srv/visit.mjs", {
        env: { NODE_EXTRA_CA_CERTS: `${live}/fullchain.pem` },
      });
      expect(visited, web.output() + work.output() + mails.output()).toEqual({
        code: 0,
        output: "200 200 201 python42\n",
      });
    }, 300_000);

    test("every management command works on the server's accounts, and alone refuses with the line to run", async () => {
      const password = "long enough Pass 42\n";
      const cases: [line: string, said: RegExp, input?: string][] = [
        ["check-config", /^ENVIRONMENT=production$/m],
        ["migrate", /SQLite \/var\/lib\/meiduo-accounts\/meiduo\.sqlite3\n.*up to date/s],
        ["jobs list", /dead 0/],
        ["user show python42", /python42@example\.com/],
        ["group create editors", /editors/],
        ["createsuperuser --username boss --password-stdin", /Superuser boss was made/, password],
        ["changepassword boss --password-stdin", /password of boss/, password],
        ["export-django /tmp/site.json", /Wrote \/tmp\/site\.json: 2 accounts/],
        ["import-django /tmp/site.json", /python42|0/],
        ["installation show", /this installation's/],
        ["tokens end-all --yes", /of 2 accounts/],
        ["doctor", /✓ database .*\/var\/lib\/meiduo-accounts\/meiduo\.sqlite3/],
        [
          "move-data --from sqlite:/nowhere.sqlite3 --to postgres://u@127.0.0.1/x",
          /no database file \/nowhere/,
        ],
      ];
      const tested = cases.map(([line]) => line.split(" ")[0]!);
      const byManage = (await allCommands()).filter(({ npmScript }) => !npmScript);
      expect(byManage.filter(({ name }) => !tested.includes(name))).toEqual([]);
      for (const [line, said, input] of cases) {
        const { code, output } = await inside.run(`sudo meiduo-accounts ${line}`, {
          cwd: "/tmp",
          ...(input && { input }),
        });
        expect(output, line).toMatch(said);
        expect(code, `${line}\n${output}`).toBe(line.startsWith("move-data") ? 2 : 0);
        // A file that isn't there is a mistyped --from, which is noticed before anything else.
        const elsewhere = line.replace("/nowhere.sqlite3", "/etc/hostname");
        for (const cwd of ["/opt/meiduo-accounts", "/home/visitor/meiduo"]) {
          const npm = ["check-config", "migrate", "jobs", "move-data"].some((name) => line.startsWith(name))
            ? `npm run -s ${elsewhere.replace(" ", " -- ")}`
            : `npm run -s manage -- ${elsewhere}`;
          const alone = await inside.run(npm, { cwd, ...(input && { input }) });
          expect(alone.code, `${cwd}: ${npm}\n${alone.output}`).toBe(1);
          expect(alone.output).toContain(`run sudo meiduo-accounts ${line.split(" ")[0]}`);
        }
      }
      const owners = await inside.run(
        "find /var/lib/meiduo-accounts ! -user meiduo; ls -A /opt/meiduo-accounts/data 2>&1",
      );
      expect(owners.output).toMatch(/^ls: cannot access/);
      const others = await inside.run("meiduo-accounts doctor", { user: "visitor" });
      expect(others).toMatchObject({ code: 1, output: expect.stringContaining("sudo") });
    }, 300_000);
  });
}

/** Takes every mail and prints it. */
const sink = `
import { createRequire } from "node:module";
const { SMTPServer } = createRequire("/opt/meiduo-accounts/package.json")("smtp-server");
import { writeFileSync } from "node:fs";
const server = new SMTPServer({
  authOptional: true, disabledCommands: ["STARTTLS", "AUTH"],
  onData(stream, session, done) {
    let text = "";
    stream.on("data", (chunk) => (text += chunk));
    stream.on("end", () => { writeFileSync("/srv/mail.txt", text); done(); });
  },
});
server.listen(2525, "127.0.0.1", () => console.log("listening"));
`;

/** A visitor: the site, a code, the mail, the account. */
const visit = `
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
const address = "python42@example.com";
const site = await fetch("https://www.meiduo.com/");
const code = await fetch("https://api.meiduo.com/verifications/email_codes/" + address + "/");
let found;
for (let i = 0; !found && i < 300; i++) {
  await delay(100);
  try {
    const text = readFileSync("/srv/mail.txt", "utf8").replace(/=\\r?\\n/g, "").replaceAll(address, "");
    const bodies = [text, ...text.split(/\\r?\\n\\r?\\n/).map((part) => Buffer.from(part, "base64").toString())];
    found = bodies.map((one) => /\\b[2-9A-HJKMNP-Z]{6}\\b/.exec(one.replace(/^[\\w-]+:.*$/gm, ""))?.[0]).find(Boolean);
  } catch {}
}
const password = "visitor Pass 42";
const body = { username: "python42", email: address, password, password2: password, email_code: found, allow: "true" };
const made = await fetch("https://api.meiduo.com/users/", {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
});
const { username, ...rest } = await made.json();
console.log(site.status, code.status, made.status, username ?? JSON.stringify(rest) + " code " + found);
`;
