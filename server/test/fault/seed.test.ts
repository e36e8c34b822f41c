import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { startsInOwnFolder } from "../support/product-folder.ts";
import { type ProductProcess, productSecretKey, startProduct } from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { signUpByMailbox, visitors } from "../support/visitors.ts";

/** `npm run seed` beside a running product, and its log-ins at that product. */
const program = resolve(import.meta.dirname, "../../../scripts/seed.ts");
const own = startsInOwnFolder();
const settings = () => own.settings({ SECRET_KEY: productSecretKey });
let product: ProductProcess;

async function seed(args: string[] = [], over: Record<string, string> = {}) {
  const env = { ...settings(), LOG_LEVEL: "warn", ...over };
  const ended = await runCommand(args, env, { program, cwd: own.folder });
  const logIns = [...ended.stdout.matchAll(/^ {2}(\w+) +([a-z2-9]{15}) {2}(.*)$/gm)];
  return {
    ...ended,
    logIns: logIns.map(([, name, password, what]) => ({ name, password, what })),
  };
}

const send = (
  path: string,
  { body, ...init }: { method?: string; body?: object; headers?: Record<string, string> } = {},
) =>
  fetch(product.url + path, {
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    ...init,
    headers: { ...(body && { "content-type": "application/json" }), ...init.headers },
  });
const logIn = (username: string, password: string) =>
  send("/users/authorizations/", { body: { username, password } });

async function logInAtSandbox(person: string): Promise<Record<string, unknown>> {
  const begun = await send("/oauth/qq/authorization/?next=/");
  const { login_url } = (await begun.json()) as { login_url: string };
  const decided = await decideInSandbox(login_url, { person, decision: "allow" });
  const { searchParams } = new URL(decided.answer.headers.get("location")!);
  const answer = await send(`/oauth/qq/user/?${searchParams}`, {
    headers: { cookie: begun.headers.getSetCookie()[0]!.split(";")[0]! },
  });
  return (await answer.json()) as Record<string, unknown>;
}

it("prints log-ins that work, each with its rights, and the same ones at every run", async () => {
  const first = await seed();
  expect(first).toMatchObject({ code: 0 });
  expect(first.logIns.map(({ name }) => name)).toEqual(["ordinary", "staff", "superuser", "bound"]);
  expect(first.logIns.every(({ what }) => what!.startsWith("made"))).toBe(true);

  product = await startProduct("start", settings());
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
  expect(await runCommand(["user", "deactivate", "ordinary"], settings())).toMatchObject({ code: 0 });
  expect(await runCommand(["user", "make-superuser", "bound"], settings())).toMatchObject({ code: 0 });
  const again = await seed();
  expect(again).toMatchObject({ code: 0 });
  expect(again.logIns.every(({ what }) => what!.startsWith("set back"))).toBe(true);
  const printed = ({ logIns }: typeof again) => logIns.map(({ name, password }) => [name, password]);
  expect(printed(again)).toEqual(printed(first));
  for (const { name, password } of again.logIns) expect((await logIn(name!, password!)).status).toBe(200);
  const shown = await runCommand(["user", "show", "bound", "--json"], settings());
  expect(JSON.parse(shown.stdout)).toMatchObject({ is_superuser: false });
  expect(await logInAtSandbox("xiaomei")).toMatchObject({ username: "bound" });
  expect(await product.stop()).toBe(0);
});

it("has other passwords where the key is another", async () => {
  const passwords = async (key: string) =>
    (await seed([], { DATA_DIR: join(own.folder, key.slice(0, 3)), SECRET_KEY: key })).logIns.map(
      (one) => one.password,
    );
  const [one, other] = [await passwords("one".repeat(20)), await passwords("two".repeat(20))];
  expect(new Set([...one, ...other]).size).toBe(8);
});

it("asks for --yes where other people have accounts, and takes nobody's over", async () => {
  product = await startProduct("serve", settings());
  const worker = await startProduct("work", settings(), { until: "Worker" });
  await signUpByMailbox(product.url, "python01");
  const without = await seed();
  expect(without).toMatchObject({ code: 1, stdout: "" });
  expect(without.stderr).toMatch(/--yes.*--yes/s);
  // Before the name was ever given up, for then it would be held.
  expect(await runCommand(["user", "rename", "python01", "staff"], settings())).toMatchObject({ code: 0 });
  const taken = await seed(["--yes"]);
  expect(taken.code).toBe(1);
  expect(taken.stderr).toMatch(/staff is somebody's account/);
  expect((await visitors(product.url).logIn("staff")).status).toBe(200);
  expect([await worker.stop(), await product.stop()]).toEqual([0, 0]);
});

it("adds its accounts beside other people's with --yes", async () => {
  product = await startProduct("serve", settings());
  const worker = await startProduct("work", settings(), { until: "Worker" });
  await signUpByMailbox(product.url, "python01");
  expect(await seed(["--yes"])).toMatchObject({ code: 0 });
  expect((await visitors(product.url).logIn("python01")).status).toBe(200);
  expect([await worker.stop(), await product.stop()]).toEqual([0, 0]);
});

it("is refused in production, before anything is made", async () => {
  const refused = await seed(["--yes"], {
    ...{ ENVIRONMENT: "production", SMTP_URL: "smtp://127.0.0.1:25" },
    CORS_ORIGIN_WHITELIST: "https://www.example.com",
  });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/production.*只用于开发/s);
});
