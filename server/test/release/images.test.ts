import { randomBytes } from "node:crypto";
import { chownSync, globSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import {
  type Contained,
  type Container,
  type Images,
  prepareImages,
  whyNoImages,
} from "../support/images.ts";
import { doMainJob } from "../support/main-job.ts";
import { notTested } from "../support/not-tested.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { codeInMail, visitors } from "../support/visitors.ts";

/**
 * The images of deploy/Dockerfile, built and run. In place of an engine buildah's chroot: the files, the user, the variables
 * and the command are the image's; network and processes are this machine's, so ports are free ones of its loopback.
 */
const missing = whyNoImages();
const limit = 30 * 60_000;
/** The user `node`. */
const owner = 1000;
const ownFiles = [
  "sandbox",
  "server/test",
  "{server,client,web,scripts}/**/*.test.ts",
  "server/src/**/sandbox.ts",
];

if (missing !== null) notTested(missing);
else {
  let images: Images;
  const folders: string[] = [];
  beforeAll(async () => {
    images = await prepareImages();
  }, limit);
  afterAll(async () => {
    await images?.remove();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }, limit);

  /** As a volume: of the image's user. */
  function dataDir(): string {
    const folder = mkdtempSync(join(tmpdir(), "meiduo-volume-"));
    folders.push(folder);
    chownSync(folder, owner, owner);
    return folder;
  }

  const environment = async () => {
    const [api, site] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${api}`;
    return {
      url,
      site: `http://127.0.0.1:${site}`,
      env: { API_PORT: `${api}`, WEB_PORT: `${site}`, HOST: "127.0.0.1" },
    };
  };

  const found = ({ root }: Container, patterns: readonly string[]) =>
    globSync(patterns, { cwd: join(root, "app"), exclude: ["**/node_modules/**"] });

  function expectUnprivileged({ pid }: Contained): void {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(status).toMatch(new RegExp(`^Uid:(?:\\s+${owner}){4}$`, "m"));
  }

  describe("the image", () => {
    let container: Container;
    beforeAll(() => {
      images.build("localhost/meiduo-accounts");
      container = images.container("localhost/meiduo-accounts", dataDir());
    }, limit);

    test("holds what runs, nothing of development, and no package of it", () => {
      expect(found(container, ownFiles)).toEqual([]);
      const lock = readFileSync(resolve(import.meta.dirname, "../../../package-lock.json"), "utf8");
      const { packages } = JSON.parse(lock) as {
        packages: Record<string, { dev?: boolean; link?: boolean }>;
      };
      const cwd = join(container.root, "app");
      const installed = globSync("{server/,}node_modules/{[!@.]*,@*/*}", { cwd });
      expect(installed.length).toBeGreaterThan(50);
      expect(installed.filter((path) => packages[path]?.dev)).toEqual([]);
    });

    test("is 150 MB above its base at most", () => {
      const files = globSync("**", { cwd: join(container.root, "app"), withFileTypes: true });
      const sizes = files
        .map((file) => lstatSync(join(file.parentPath, file.name)))
        .filter((one) => one.isFile());
      const megabytes = sizes.reduce((sum, { size }) => sum + size, 0) / 1e6;
      process.stderr.write(`the product in its image: ${megabytes.toFixed(1)} MB in ${sizes.length} files\n`);
      expect(megabytes).toBeLessThan(150);
    });

    test("belongs to root; the data alone is its user's", () => {
      expect(container.config.User).toBe("node");
      const writable =
        "find / -xdev -writable -not -type l -not -path '/proc/*' -not -path '/sys/*' -not -path '/dev/*'";
      const { output } = container.run(
        "sh",
        "-c",
        `${writable} 2>/dev/null | grep -E '^/(app|usr|etc)' || true`,
      );
      expect(output).toBe("");
      const data = statSync(join(container.root, "data"));
      expect([data.uid, data.gid, data.mode & 0o777]).toEqual([owner, owner, 0o700]);
      expect(container.config.Volumes).toHaveProperty("/data");
    });

    test("refuses to start without the settings of production", async () => {
      const { env } = await environment();
      const refused = container.start([], env);
      await expect(refused).rejects.toThrow(/SECRET_KEY/);
    });

    describe("in production", () => {
      let sink: SmtpSink;
      const roles: Contained[] = [];
      let url: string;
      beforeAll(async () => {
        sink = await startSmtpSink();
        const given = await environment();
        url = given.url;
        const env = {
          ...{
            ...given.env,
            SECRET_KEY: randomBytes(36).toString("base64"),
            SMTP_URL: sink.url,
            EMAIL_FROM: "accounts@example.com",
          },
          ...{
            PUBLIC_SITE_URL: given.site,
            PUBLIC_API_URL: url,
            CORS_ORIGIN_WHITELIST: given.site,
            ALLOW_HTTP: "true",
          },
        };
        for (const command of ["web", "work"]) roles.push(await container.start([command], env));
        expect((await fetch(`${given.site}/login`)).status).toBe(200);
      }, limit);
      afterAll(() => sink?.close());

      test("runs as its user and is healthy", async () => {
        for (const role of roles) expectUnprivileged(role);
        for (const path of ["/healthz", "/readyz"]) expect((await fetch(`${url}${path}`)).status).toBe(200);
      });

      test("signs a visitor up and logs them in", async () => {
        const { requestCode, signUp, logIn } = visitors(url);
        const email = "python01@example.com";
        expect((await requestCode(email)).status).toBe(200);
        const code = await codeInMail(sink, email, 60);
        expect((await signUp("python01", email, code)).status).toBe(201);
        expect((await logIn("python01")).status).toBe(200);
      });

      test("has no mailbox", async () => {
        expect((await fetch(`${url}/sandbox/mailbox/`)).status).toBe(404);
      });

      test("stops in order when it is told to", async () => {
        for (const role of roles) expect(await role.stop()).toBe(0);
      });
    });
  });

  describe("the image to try it", () => {
    test(
      "runs everything by one command, and is the way to the codes",
      async () => {
        images.build("localhost/meiduo-accounts-try", "try");
        const container = images.container("localhost/meiduo-accounts-try", dataDir());
        expect(container.config.Cmd).toEqual(["start"]);
        const { url, site, env } = await environment();
        const running = await container.start([], env);
        expectUnprivileged(running);
        await doMainJob(url, "python01");
        // As a visitor whom the container's bridge brings.
        const elsewhere = { headers: { "x-forwarded-for": "172.17.0.1" } };
        expect((await fetch(`${url}/sandbox/mailbox/`, elsewhere)).status).toBe(200);
        expect((await fetch(`${site}/login`)).status).toBe(200);
        const { providers } = (await (await fetch(`${site}/config.json`)).json()) as {
          providers?: unknown[];
        };
        expect(providers ?? []).toEqual([]);
        expect(await running.stop()).toBe(0);
      },
      limit,
    );
  });
}
