import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { inheritedSockets } from "../../src/cli/run/inherited-sockets.ts";
import { childrenOf } from "../support/engines.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { freePort } from "../support/free-port.ts";
import { hasNginx, type Nginx, startNginx } from "../support/nginx.ts";
import { notTested } from "../support/not-tested.ts";
import { dataFolder, killTree, productSecretKey, waitUntil } from "../support/product-process.ts";
import { visitors } from "../support/visitors.ts";

const activate = "/usr/bin/systemd-socket-activate";
const main = resolve(import.meta.dirname, "../../src/main.ts");

test("only what is handed to this very process counts, and a name that is neither is refused", () => {
  const source = { LISTEN_PID: "17", LISTEN_FDS: "2", LISTEN_FDNAMES: "site:api" };
  expect(inheritedSockets(source, 17)).toEqual({ site: 3, api: 4 });
  expect(inheritedSockets(source, 18)).toEqual({});
  expect(inheritedSockets({}, 17)).toEqual({});
  expect(() => inheritedSockets({ ...source, LISTEN_FDNAMES: "api:x.socket" }, 17)).toThrow(
    /socket named x\.socket/,
  );
});

if (existsSync(activate) && hasNginx) {
  let cleanUps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    cleanUps = [];
  });

  /** systemd's sockets, kept by a shell that starts the product again whenever it ends, as systemd does. */
  async function startUnder(env: Record<string, string>) {
    const [api, site] = [String(await freePort()), String(await freePort())];
    const folder = dataFolder();
    const again = `while :; do sh -c 'LISTEN_PID=$$ exec "${process.execPath}" "${main}" web'; done`;
    const sockets = ["-l", `127.0.0.1:${api}`, "-l", `127.0.0.1:${site}`, "--fdname=api:site"];
    const settings = { SECRET_KEY: productSecretKey, LOG_LEVEL: "warn", SANDBOX_PORT: "", TRUST_PROXY: "1" };
    const own = { ...settings, DATA_DIR: folder.path, API_PORT: api, WEB_PORT: site, ...env };
    const passed = Object.keys({ ...bareEnvironment(), ...own }).flatMap((name) => ["-E", name]);
    const child = spawn(activate, [...sockets, ...passed, "/bin/sh", "-c", again], {
      env: { ...bareEnvironment(), ...own },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    cleanUps.push(
      () => folder.release(),
      () => killTree(child),
    );
    await waitUntil(() => output.includes(" as 4."), 20, "both sockets");
    const starts = () => output.split("is ready").length - 1;
    return {
      ...{ api, site, starts },
      output: () => output,
      /** SIGTERM to the product; resolves when the next one is ready. */
      async restart() {
        const before = starts();
        const [product] = childrenOf(child.pid!);
        process.kill(product!, "SIGTERM");
        await waitUntil(() => starts() > before, 60, "the next start");
      },
    };
  }

  test.each([["1"], ["2"]])(
    "a single service with %s API processes, restarted under POST load behind nginx, drops no request",
    async (WEB_CONCURRENCY) => {
      const product = await startUnder({ WEB_CONCURRENCY });
      const [api, site] = [await freePort(), await freePort()];
      const conf = resolve(import.meta.dirname, "../../../deploy/nginx/compose.conf");
      const blocks = readFileSync(conf, "utf8")
        .replaceAll(/server api:8000 resolve (.*);/g, `server 127.0.0.1:${product.api} $1;`)
        .replaceAll(/server api:8080 resolve (.*);/g, `server 127.0.0.1:${product.site} $1;`)
        .replace("listen 8000;", `listen 127.0.0.1:${api};`)
        .replace("listen 8080;", `listen 127.0.0.1:${site};`);
      const nginx: Nginx = await startNginx(blocks, `http://127.0.0.1:${api}/healthz`);
      cleanUps.push(() => nginx.stop());
      await waitUntil(() => product.starts() === 1, 60, "the first start");
      // They wait as long as a restart takes, on a busy machine too; nginx waits for a minute.
      const crowd = visitors(`http://127.0.0.1:${api}`, 70_000);
      const readers = visitors(`http://127.0.0.1:${site}`, 70_000);
      let restarting = true;
      const unanswered: unknown[] = [];
      let number = 0;
      const visit = async (ask: () => Promise<unknown>) => {
        while (restarting) await ask().catch((error: unknown) => unanswered.push(error));
      };
      const load = [
        ...Array.from({ length: 4 }, () => visit(() => crowd.count(`visitor${++number}`))),
        ...Array.from({ length: 2 }, () =>
          visit(() => crowd.call("sign-up", "/users/", { username: `visitor${++number}` })),
        ),
        ...Array.from({ length: 2 }, () => visit(() => readers.call("page", "/login"))),
      ];
      for (let i = 0; i < 3; i++) {
        const [counts, pages] = [crowd.answers.length, readers.answers.length];
        const everybodyBusy = () => crowd.answers.length > counts + 20 && readers.answers.length > pages + 5;
        await waitUntil(everybodyBusy, 60, "the load");
        await product.restart();
      }
      restarting = false;
      await Promise.all(load);
      const unexpected = [...crowd.answers, ...readers.answers].filter(
        ({ what, status }) => status !== (what === "sign-up" ? 400 : 200),
      );
      const seen = unexpected.map(({ what, status, body }) => [what, status, body.slice(0, 80)]);
      expect([unanswered, seen], nginx.log()).toEqual([[], []]);
    },
  );

  test("several API processes share the socket: each new connection is answered across restarts", async () => {
    const product = await startUnder({ WEB_CONCURRENCY: "2" });
    // Each on a connection of its own, as no proxy keeps it: whoever accepted it has to answer.
    const ask = async () => {
      const [response] = (await once(
        get({ host: "127.0.0.1", port: product.api, path: "/healthz", agent: false }),
        "response",
      )) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    const answers: unknown[] = [];
    let restarting = true;
    const load = Array.from({ length: 4 }, async () => {
      while (restarting) answers.push(await ask().catch((error: unknown) => error));
    });
    await waitUntil(() => product.starts() === 1, 60, "the first start");
    for (let i = 0; i < 2; i++) {
      const before = answers.length;
      await waitUntil(() => answers.length > before + 20, 60, "the load");
      await product.restart();
    }
    restarting = false;
    await Promise.all(load);
    expect(answers.filter((answer) => answer !== 200)).toEqual([]);
  });

  test("a socket at another address than the settings say is refused in one sentence", async () => {
    const product = await startUnder({ API_PORT: "9" });
    // systemd-socket-activate waits for the first visitor; nobody will ever answer this one.
    const visitor = fetch(`http://127.0.0.1:${product.api}/`).catch(() => {});
    const said = "but HOST and API_PORT say 127.0.0.1:9";
    await waitUntil(() => product.output().includes(said), 60, said);
    expect(product.starts()).toBe(0);
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    cleanUps = [];
    await visitor;
  });
} else notTested("systemd-socket-activate and nginx (apt-get install systemd nginx)");
