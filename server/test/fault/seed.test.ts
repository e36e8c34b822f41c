import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bareEnvironment } from "../support/false-clock.ts";
import { freePort } from "../support/free-port.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { visitors } from "../support/visitors.ts";

/** `npm run seed` beside a running product, and its log-ins at that product. */
const program = resolve(import.meta.dirname, "../../../scripts/seed.ts");
let folder: ReturnType<typeof dataFolder>;
let product: ProductProcess | null = null;
beforeEach(() => {
  folder = dataFolder();
});
afterEach(async () => {
  await product?.stop();
  product = null;
  folder.release();
});

async function seed(args: string[] = [], over: Record<string, string> = {}) {
  const env = {
    ...bareEnvironment(),
    DATA_DIR: folder.path,
    SECRET_KEY: productSecretKey,
    LOG_LEVEL: "warn",
    ...over,
  };
  const child = spawn(process.execPath, [program, ...args], {
    env,
    cwd: folder.path,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const logIns = [...stdout.matchAll(/^ {2}(\w+) +([a-z2-9]{15}) {2}(.*)$/gm)];
  return {
    code,
    stderr,
    stdout,
    logIns: logIns.map(([, name, password, what]) => ({ name, password, what })),
  };
}

const send = (
  path: string,
  { body, ...init }: { method?: string; body?: object; headers?: Record<string, string> } = {},
) =>
  fetch(product!.url + path, {
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    ...init,
    headers: { ...(body && { "content-type": "application/json" }), ...init.headers },
  });
const logIn = (username: string, password: string) =>
  send("/users/authorizations/", { body: { username, password } });

async function logInAtSandbox(person: string): Promise<Record<string, unknown>> {
  const begun = await send("/oauth/qq/authorization/?next=/");
  const { login_url } = (await begun.json()) as { login_url: string };
  const page = await (await fetch(login_url)).text();
  const action = /action="([^"]+)"/.exec(page)![1]!.replaceAll("&#38;", "&");
  const body = new URLSearchParams({ person, trouble: "", decision: "allow" });
  const decided = await fetch(new URL(action, login_url), { method: "POST", redirect: "manual", body });
  const { searchParams } = new URL(decided.headers.get("location")!);
  const answer = await send(`/oauth/qq/user/?${searchParams}`, {
    headers: { cookie: begun.headers.getSetCookie()[0]!.split(";")[0]! },
  });
  return (await answer.json()) as Record<string, unknown>;
}

async function signUp(username: string): Promise<void> {
  const crowd = visitors(product!.url);
  const email = `${username}@example.com`;
  expect((await crowd.requestCode(email)).status).toBe(200);
  let code: string | undefined;
  await waitUntil(
    async () => {
      const response = await send(`/sandbox/mailbox/messages/?to=${email}`);
      code = ((await response.json()) as { code: string }[])[0]?.code;
      return code !== undefined;
    },
    20,
    "the mail",
  );
  expect((await crowd.signUp(username, email, code!)).status).toBe(201);
}

it("prints log-ins that work, each with its rights, and the same ones at every run", async () => {
  const first = await seed();
  expect(first).toMatchObject({ code: 0 });
  expect(first.logIns.map(({ name }) => name)).toEqual(["ordinary", "staff", "superuser", "bound"]);
  expect(first.logIns.every(({ what }) => what!.startsWith("made"))).toBe(true);

  product = await startProduct("start", { DATA_DIR: folder.path, WEB_PORT: String(await freePort()) });
  const mayList: Record<string, number> = {};
  for (const { name, password } of first.logIns) {
    const answer = await logIn(name!, password!);
    expect(answer.status).toBe(200);
    const { token } = (await answer.json()) as { token: string };
    mayList[name!] = (await send("/admin/users/", { headers: { authorization: `JWT ${token}` } })).status;
  }
  expect(mayList).toEqual({ ordinary: 403, staff: 200, superuser: 200, bound: 403 });
  expect(await logInAtSandbox("xiaomei")).toMatchObject({ username: "bound" });

  // Changed by whoever tried things out; set back beside the running product.
  const env = { DATA_DIR: folder.path, SECRET_KEY: productSecretKey };
  expect(await runCommand(["user", "deactivate", "ordinary"], env)).toMatchObject({ code: 0 });
  expect(await runCommand(["user", "make-superuser", "bound"], env)).toMatchObject({ code: 0 });
  const again = await seed();
  expect(again).toMatchObject({ code: 0 });
  expect(again.logIns.every(({ what }) => what!.startsWith("set back"))).toBe(true);
  const printed = ({ logIns }: typeof again) => logIns.map(({ name, password }) => [name, password]);
  expect(printed(again)).toEqual(printed(first));
  for (const { name, password } of again.logIns) expect((await logIn(name!, password!)).status).toBe(200);
  const shown = await runCommand(["user", "show", "bound", "--json"], env);
  expect(JSON.parse(shown.stdout)).toMatchObject({ is_superuser: false });
  expect(await logInAtSandbox("xiaomei")).toMatchObject({ username: "bound" });
});

it("has other passwords where the key is another", async () => {
  const passwords = async (key: string) =>
    (await seed([], { DATA_DIR: join(folder.path, key.slice(0, 3)), SECRET_KEY: key })).logIns.map(
      (one) => one.password,
    );
  const [one, other] = [await passwords("one".repeat(20)), await passwords("two".repeat(20))];
  expect(new Set([...one, ...other]).size).toBe(8);
});

it("asks for --yes where other people have accounts, and takes nobody's over", async () => {
  product = await startProduct("serve", { DATA_DIR: folder.path });
  const worker = await startProduct("work", { DATA_DIR: folder.path }, { until: "Worker" });
  await signUp("python01");
  const without = await seed();
  expect(without).toMatchObject({ code: 1, stdout: "" });
  expect(without.stderr).toMatch(/--yes.*--yes/s);
  expect(await seed(["--yes"])).toMatchObject({ code: 0 });

  const env = { DATA_DIR: folder.path, SECRET_KEY: productSecretKey };
  expect(await runCommand(["user", "rename", "staff", "staff-before"], env)).toMatchObject({ code: 0 });
  expect(await runCommand(["user", "rename", "python01", "staff"], env)).toMatchObject({ code: 0 });
  const taken = await seed(["--yes"]);
  expect(taken.code).toBe(1);
  expect(taken.stderr).toMatch(/staff is somebody's account/);
  expect((await visitors(product.url).logIn("staff")).status).toBe(200);
  await worker.stop();
});

it("is refused in production, before anything is made", async () => {
  const refused = await seed(["--yes"], {
    ...{ ENVIRONMENT: "production", SMTP_URL: "smtp://127.0.0.1:25" },
    CORS_ORIGIN_WHITELIST: "https://www.example.com",
  });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/production.*只用于开发/s);
});
